import { useEffect, useState } from 'preact/hooks'

export interface Loaded<T> {
  value: T | null
  error: Error | null
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))

/** What `load` answers, anew whenever `key` changes; null loads nothing. An answer that comes too late is dropped. */
export const useLoaded = <T>(key: string | null, load: (key: string, signal: AbortSignal) => Promise<T>): Loaded<T> => {
  const [state, setState] = useState<Loaded<T> & { key: string | null }>({ key: null, value: null, error: null })
  useEffect(() => {
    if (key === null) return
    const gone = new AbortController()
    load(key, gone.signal).then(
      (value) => !gone.signal.aborted && setState({ key, value, error: null }),
      (reason: unknown) => !gone.signal.aborted && setState({ key, value: null, error: asError(reason) }),
    )
    return () => gone.abort()
  }, [key])
  return state.key === key ? state : { value: null, error: null }
}
