const NONE = '–'

/** A score: a fraction to three digits, without the sign of a negative zero; a dash where it is undefined. */
export const score = (value: number | null | undefined): string => (value == null ? NONE : value.toFixed(3).replace(/^-(0\.0*)$/, '$1'))

export const interval = (bounds: readonly [number, number] | null): string => (bounds === null ? NONE : `${score(bounds[0])} to ${score(bounds[1])}`)

/** A rate to four significant digits, so that 0.0213 and 213.4 both read well. */
export const rate = (value: number): string => (value === 0 ? '0' : Math.abs(value) >= 1e4 || Math.abs(value) < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4))))

export const count = (value: number): string => value.toLocaleString('en')

export const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`

export const moment = (iso: string): string => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export const duration = (seconds: number): string => {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export const bytes = (value: number): string => (value < 1e9 ? `${Math.round(value / 1e6)} MB` : `${(value / 1e9).toFixed(2)} GB`)

/** "1 site", "3 sites". */
export const counted = (value: number, noun: string, plural = `${noun}s`): string => `${count(value)} ${value === 1 ? noun : plural}`
