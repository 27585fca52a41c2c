import type { FitProgress } from './fit.ts'

/** Called often by long work; implementations throttle. */
export type ReportProgress = (progress: Omit<FitProgress, 'etaSeconds'>) => void

/** Throws the signal's reason when work was cancelled; called between blocks of work. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => signal?.throwIfAborted()
