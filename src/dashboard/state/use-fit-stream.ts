import { useEffect, useRef, useState } from 'preact/hooks'
import { followFit } from '../api/fit-events.ts'
import type { ServerEvent } from '../api/fit-events.ts'

const RETRY_MS = 5000

/** Whether the tab is shown. A hidden one holds no stream: a browser has six connections to a server for all its tabs. */
export const useShown = (): boolean => {
  const [shown, setShown] = useState(!document.hidden)
  useEffect(() => {
    const follow = (): void => setShown(!document.hidden)
    document.addEventListener('visibilitychange', follow)
    return () => document.removeEventListener('visibilitychange', follow)
  }, [])
  return shown
}

/** Follows the events of a fit (null: of none) and comes back after breaks; answers whether the stream is up. */
export const useFitStream = (fit: string | null, onEvent: (fit: string, event: ServerEvent) => void): boolean => {
  const shown = useShown()
  const [up, setUp] = useState(false)
  const latest = useRef(onEvent)
  latest.current = onEvent
  useEffect(() => {
    if (fit === null || !shown) return
    const gone = new AbortController()
    let timer = 0
    let last: string | null = null
    let ended = false
    const follow = async (): Promise<void> => {
      const hear = (event: ServerEvent): void => {
        setUp(true)
        ended ||= event.type === 'end'
        latest.current(fit, event)
      }
      last = await followFit(fit, last, gone.signal, hear).catch(() => last)
      if (gone.signal.aborted) return
      setUp(false)
      if (!ended) timer = window.setTimeout(() => void follow(), RETRY_MS)
    }
    void follow()
    return () => {
      gone.abort()
      window.clearTimeout(timer)
      setUp(false)
    }
  }, [fit, shown])
  return up
}
