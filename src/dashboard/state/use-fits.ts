import { useState } from 'preact/hooks'
import type { FitProgress } from '../../domain/fit.ts'
import type { DatasetSummary } from '../../domain/dataset.ts'
import { KeyRequired, Refusal } from '../api/client.ts'
import type { ServerEvent } from '../api/fit-events.ts'
import { getFit, listDatasets, listFits } from '../api/read.ts'
import { isLive } from '../api/types.ts'
import type { Fit } from '../api/types.ts'
import { useFitStream } from './use-fit-stream.ts'
import { useRounds } from './use-rounds.ts'

const PAGE = 100
// A stream tells what happens in one fit; the rounds find other fits, and stand in where the stream is down.
const EVERY_MS = { streamed: 10_000, polled: 2000 }

export interface Fits {
  fits: Fit[]
  /** the fit that was asked for, in the list or not; null where there is none */
  focused: Fit | null
  /** the id that `focused` answers */
  focus: string | null
  datasets: Map<string, DatasetSummary>
  loaded: boolean
  more: boolean
  error: Error | null
}

const none: Fits = { fits: [], focused: null, focus: null, datasets: new Map(), loaded: false, more: false, error: null }

const withProgress = (progress: FitProgress, id: string) => (fit: Fit): Fit => (fit.id === id && isLive(fit) ? { ...fit, status: 'running', progress } : fit)

/** The fits and datasets, kept up to date: by the events of one live fit (the focused one first) and by rounds. */
export const useFits = (focus: string | null, attempt: number): Fits & { showMore: () => void } => {
  const [state, setState] = useState(none)
  const [limit, setLimit] = useState(PAGE)

  const load = async (): Promise<Fits> => {
    const [{ items: fits, next }, datasets] = await Promise.all([listFits(limit), listDatasets()])
    const missing = (error: unknown): null => {
      if (error instanceof Refusal && error.status === 404) return null
      throw error
    }
    const focused = focus === null ? null : (fits.find(({ id }) => id === focus) ?? (await getFit(focus).catch(missing)))
    return { fits, focused, focus, datasets: new Map(datasets.map((dataset) => [dataset.id, dataset])), loaded: true, more: next !== null, error: null }
  }
  const round = (): Promise<void> =>
    // A round that failed keeps what was there: the server may be restarting.
    load().then(setState, (error: Error) => setState((before) => ({ ...(error instanceof KeyRequired ? none : before), error })))

  const live = [state.focused, ...state.fits.filter(({ status }) => status === 'running'), ...state.fits].find((fit) => fit !== null && isLive(fit))
  const onEvent = (id: string, { type, data }: ServerEvent): void => {
    if (type !== 'progress') return again()
    const change = withProgress(JSON.parse(data) as FitProgress, id)
    setState((before) => ({ ...before, fits: before.fits.map(change), focused: before.focused && change(before.focused) }))
  }
  const streamed = useFitStream(live?.id ?? null, onEvent)
  const again = useRounds(round, streamed ? EVERY_MS.streamed : EVERY_MS.polled, [focus, limit, attempt])

  // Until the round that asks for a newly focused fit is back, the list may know it.
  const focused = state.focus === focus ? state.focused : (state.fits.find(({ id }) => id === focus) ?? null)
  const loaded = state.loaded && (state.focus === focus || focused !== null)
  return { ...state, focused, loaded, showMore: () => setLimit(limit + 5 * PAGE) }
}
