import { useEffect, useState } from 'preact/hooks'

export interface Polled<T> {
  value: T | null
  error: Error | null
}

/** Loads, and loads again while `again` says so; one request at a time. */
export const usePolled = <T>(load: () => Promise<T>, again: (value: T | null) => boolean, everyMs: number, keys: unknown[]): Polled<T> => {
  const [state, setState] = useState<Polled<T>>({ value: null, error: null })
  useEffect(() => {
    let timer = 0
    let live = true
    const round = async (): Promise<void> => {
      const next = await load().then(
        (value) => ({ value, error: null }),
        (error: Error) => ({ value: null, error }),
      )
      if (!live) return
      // A round that failed keeps what was there: the server may be restarting.
      setState((before) => ({ value: next.value ?? before.value, error: next.error }))
      if (again(next.value)) timer = window.setTimeout(() => void round(), everyMs)
    }
    void round()
    return () => {
      live = false
      window.clearTimeout(timer)
    }
  }, keys)
  return state
}
