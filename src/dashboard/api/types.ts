import type { FitError, FitProgress, FitStatus, ResolvedFit } from '../../domain/fit.ts'

// What the API answers, where domain/ has no type of it.

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface Fit {
  id: string
  status: FitStatus
  dataset: string
  backbone: string
  progress: FitProgress | null
  request: ResolvedFit
  encoder: string | null
  error: FitError | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  peakRssBytes: number | null
}

export interface Encoder {
  id: string
  fit: string
  dataset: string
  backbone: string
  layer: string
  unit: string
  sites: { id: string; region: string }[]
  createdAt: string
}

export interface Prediction {
  encoder: string
  layer: string
  unit: string
  sites: { id: string; region: string }[]
  /** image x site */
  rates: number[][]
  ratesRectified?: number[][]
}

export const isLive = ({ status }: { status: FitStatus }): boolean => status === 'queued' || status === 'running'
