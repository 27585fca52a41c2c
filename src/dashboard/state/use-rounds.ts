import { useEffect, useRef } from 'preact/hooks'

/**
 * Calls `round` now, when the tab is shown again, and `everyMs` after each round's end; one at a time, none in a hidden
 * tab. Answers a function that asks for a round at once.
 */
export const useRounds = (round: () => Promise<void>, everyMs: number, keys: unknown[]): (() => void) => {
  const latest = useRef({ round, everyMs })
  latest.current = { round, everyMs }
  const ask = useRef(() => {})
  useEffect(() => {
    let live = true
    let busy = false
    let again = false
    let timer = 0
    const run = async (): Promise<void> => {
      window.clearTimeout(timer)
      if (!live || document.hidden) return
      if (busy) return void (again = true)
      busy = true
      again = false
      await latest.current.round()
      busy = false
      if (again) void run()
      else if (live) timer = window.setTimeout(() => void run(), latest.current.everyMs)
    }
    ask.current = () => void run()
    const onShown = (): void => void run()
    document.addEventListener('visibilitychange', onShown)
    void run()
    return () => {
      live = false
      window.clearTimeout(timer)
      document.removeEventListener('visibilitychange', onShown)
    }
  }, keys)
  return () => ask.current()
}
