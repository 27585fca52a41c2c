import fs from 'node:fs'
import path from 'node:path'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { gauss } from '../helper/generator.ts'
import { readEvents } from './event-stream.ts'
import type { StreamEvent } from './event-stream.ts'
import { filesOf, formOf, get, noiseImages, npyFile, postJson, readAnswer, zipFile } from './service.ts'
import type { Service } from './service.ts'

// A real fit that takes a second or two: three layers of SqueezeNet on 30 small images.

const [n, m] = [30, 4]
const layers = ['features.2', 'features.7', 'features.12']

export const addDataset = async (service: Service): Promise<string> => {
  const body = formOf({ name: 'small', axes: 'stimulus,site', unit: 'other', region: 'IT', stimuli: await zipFile(noiseImages(n)), responses: npyFile(gauss('rates', n * m), [n, m]) })
  const answer = await readAnswer(await fetch(`${service.url}/datasets`, { method: 'POST', body }))
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body.id
}

/** Another `seed` is another network: nothing of it is cached. */
export const smallFit = (dataset: string, seed: number): object => ({
  dataset, backbone: 'squeezenet1_1', weights: 'random', seed, layers, pooling: { grid: 6 }, mapping: { method: 'ridge', alphas: [0.01, 1, 100] }, split: { scheme: 'kfold', folds: 3 },
}) // prettier-ignore

/** Starts a small fit; `more` fields make it another, or longer. */
export const startFit = async (service: Service, dataset: string, seed: number, more: object = {}): Promise<string> => {
  const answer = await readAnswer(await postJson(service, '/fit', { ...smallFit(dataset, seed), ...more }))
  if (answer.status !== 202) throw new Error(answer.text)
  return answer.body.id
}

/** Scores, readout and predictions: all that must not depend on what happened on the way. */
export const resultsOf = async (service: Service, fit: string): Promise<{ scores: Omit<FitScores, 'provenance'>; provenance: object; files: Buffer[] }> => {
  const { provenance, ...scores } = (await get(service, `/fits/${fit}/scores`)).body as unknown as FitScores
  const { startedAt: _, finishedAt: __, ...kept } = provenance
  const { encoder } = (await get(service, `/fits/${fit}`)).body
  const routes = [`/encoders/${encoder as string}/readout.npz`, ...layers.map((layer) => `/fits/${fit}/predictions?layer=${layer}`)]
  const files = await Promise.all(routes.map(async (route) => Buffer.from(await (await fetch(`${service.url}${route}`)).arrayBuffer())))
  return { scores, provenance: kept, files }
}

/** Makes every later fit compute its Gram matrices anew. */
export const forgetGrams = ({ home }: Service): void => {
  const folder = path.join(home, 'cache/grams')
  for (const name of fs.readdirSync(folder)) if (name.endsWith('.gram')) fs.rmSync(path.join(folder, name))
}

/** A fit's events up to a stage of its work. */
export const eventsUntil = (service: { url: string }, fit: string, stage: RegExp): Promise<StreamEvent[]> =>
  readEvents(service, fit, { enough: ({ event, data }) => event === 'progress' && stage.test(String(data.stage)) && Number(data.done) > 0 })

export const statuses = (events: readonly StreamEvent[]): unknown[] => events.filter(({ event }) => event === 'status').map(({ data }) => data.status)

/** Files that only work under way may have. */
export const leftovers = ({ home }: Service): string[] => ['tmp', 'blobs/incoming', 'cache/grams/held'].flatMap((folder) => filesOf(path.join(home, folder)))
