import type { DatasetSummary } from '../domain/dataset.ts'
import type { FitError, FitProgress, FitScores, FitStatus } from '../domain/fit.ts'

/** What the page reads of a fit. */
export interface FitEntry {
  id: string
  status: FitStatus
  dataset: string
  backbone: string
  progress: FitProgress | null
  encoder: string | null
  error: FitError | null
  createdAt: string
}

/** The server wants a key, or another one. */
export class KeyRequired extends Error {}

const KEY = 'ventral-key'

// For this tab only: a key that outlives it would lie on disk.
export const rememberKey = (key: string): void => sessionStorage.setItem(KEY, key)

const get = async <T>(path: string): Promise<T> => {
  const key = sessionStorage.getItem(KEY)
  const response = await fetch(path, { headers: key === null ? {} : { authorization: `Bearer ${key}` } })
  if (response.status === 401) throw new KeyRequired()
  const body = (await response.json()) as T & { detail?: string }
  if (!response.ok) throw new Error(body.detail ?? `The server answered ${response.status}.`)
  return body
}

export const listFits = async (): Promise<FitEntry[]> => (await get<{ items: FitEntry[] }>('/fits?limit=200')).items
export const listDatasets = async (): Promise<DatasetSummary[]> => (await get<{ items: DatasetSummary[] }>('/datasets?limit=1000')).items
export const getScores = (fit: string): Promise<FitScores> => get(`/fits/${encodeURIComponent(fit)}/scores`)
