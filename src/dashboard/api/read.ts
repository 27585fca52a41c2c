import type { DatasetSummary } from '../../domain/dataset.ts'
import type { FitScores } from '../../domain/fit-scores.ts'
import { getJson, request } from './client.ts'
import type { Encoder, Fit, Page, Prediction } from './types.ts'

const MAX_PAGE = 1000

/** The first `limit` items of a list, over as many pages as that takes. */
const listUpTo = async <T>(path: string, limit: number): Promise<Page<T>> => {
  const items: T[] = []
  let next: string | null = null
  do {
    const query: string = new URLSearchParams({ limit: String(Math.min(limit - items.length, MAX_PAGE)), ...(next === null ? {} : { cursor: next }) }).toString()
    const page: Page<T> = await getJson<Page<T>>(`${path}?${query}`)
    items.push(...page.items)
    next = page.next
  } while (next !== null && items.length < limit)
  return { items, next }
}

const id = encodeURIComponent

export const listFits = (limit: number): Promise<Page<Fit>> => listUpTo('/fits', limit)
export const getFit = (fit: string): Promise<Fit> => getJson(`/fits/${id(fit)}`)
export const getScores = (fit: string, signal?: AbortSignal): Promise<FitScores> => getJson(`/fits/${id(fit)}/scores`, signal)
export const getScoresCsv = async (fit: string): Promise<Blob> => (await request(`/fits/${id(fit)}/scores`, { headers: { accept: 'text/csv' } })).blob()
export const listDatasets = async (): Promise<DatasetSummary[]> => (await listUpTo<DatasetSummary>('/datasets', Infinity)).items
export const listEncoders = async (): Promise<Encoder[]> => (await listUpTo<Encoder>('/encoders', Infinity)).items

/** Rates of all sites of an encoder for one image file, whatever its kind: the server looks at the bytes. */
export const predict = async (encoder: string, image: Blob, signal: AbortSignal): Promise<Prediction> => {
  const headers = { 'content-type': image.type.startsWith('image/') ? image.type : 'application/octet-stream' }
  return (await (await request(`/predict?encoder=${id(encoder)}`, { method: 'POST', headers, body: image, signal })).json()) as Prediction
}
