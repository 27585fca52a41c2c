import { Presets, SingleBar } from 'cli-progress'
import type { FitProgress } from '../domain/fit.ts'

export interface Progress {
  show: (progress: Omit<FitProgress, 'etaSeconds'> & { etaSeconds?: number | null }) => void
  stop: () => void
}

const eta = (seconds: number | null | undefined): string =>
  seconds == null ? '' : seconds < 90 ? `, about ${Math.ceil(seconds)} s` : `, about ${Math.ceil(seconds / 60)} min`

/** A bar on stderr where people look at it; nothing for scripts. */
export const createProgress = ({ quiet }: { quiet: boolean }): Progress => {
  if (quiet || !process.stderr.isTTY) return { show: () => {}, stop: () => {} }
  const bar = new SingleBar({ format: '{stage} [{bar}] {percentage}%{left}', hideCursor: true, clearOnComplete: true, stream: process.stderr }, Presets.shades_classic)
  let running = false
  return {
    show: ({ stage, done, total, etaSeconds }) => {
      const payload = { stage, left: eta(etaSeconds) }
      if (running) bar.setTotal(Math.max(total, 1))
      else bar.start(Math.max(total, 1), done, payload)
      running = true
      bar.update(done, payload)
    },
    stop: () => {
      if (running) bar.stop()
      running = false
    },
  }
}
