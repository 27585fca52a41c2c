import type { TimeBin } from '../../domain/dataset.ts'

/** When an area's first time step begins after stimulus onset, and how long a step lasts. */
export interface AreaTiming {
  startMs: number
  widthMs: number
  steps: number
}

/** Brain-Score's timing of CORnet-S, by backbone and area. */
export const brainScoreTiming: Readonly<Record<string, Readonly<Record<string, AreaTiming>>>> = {
  cornet_s: {
    V1: { startMs: 50, widthMs: 100, steps: 1 },
    V2: { startMs: 70, widthMs: 100, steps: 2 },
    V4: { startMs: 90, widthMs: 50, steps: 4 },
    IT: { startMs: 100, widthMs: 100, steps: 2 },
  },
}

/** The step whose window [start + t·width, start + (t + 1)·width) shares most time with the responses' window, the earlier one where two share as much; null where none shares any. */
export const stepDuring = ({ startMs, widthMs, steps }: AreaTiming, window: TimeBin): number | null => {
  const shared = Array.from({ length: steps }, (_, t) => Math.min(window.endMs, startMs + (t + 1) * widthMs) - Math.max(window.startMs, startMs + t * widthMs))
  const most = Math.max(...shared)
  return most > 0 ? shared.indexOf(most) : null
}
