import fs from 'node:fs'
import path from 'node:path'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { colourType, png } from '../models/preprocess/image-builder.ts'
import { gauss } from './generator.ts'
import { temporaryFolder } from './home.ts'

const [n, m, repetitions] = [12, 9, 4]

/** Numbers of NumPy and SciPy for the dataset below. */
export const rdmReference = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../reference/rdm/rdm.json'), 'utf8')) as {
  responses: Record<string, number[]> & { animals: number[][] }
  pixels: Record<string, number[]>
  compare: Record<string, number> & { animals: number[] }
  cka: Record<'by_stimulus' | 'by_object', { biased: number; unbiased: number }>
}

/** The image of make_rdm.py: blocks of 8 x 8, so that a 28 x 28 grid averages equal values. */
const blocks = (i: number): Buffer => {
  const value = (y: number, x: number, c: number): number => (37 * i + 11 * y * i + 7 * x * (c + 1) + x * y * (i + c)) % 256
  const row = (y: number): number[] => [0, ...Array.from({ length: 3 * 224 }, (_, k) => value(y, Math.floor(k / 24), k % 3))]
  return png({ width: 224, height: 224, depth: 8, type: colourType.rgb, rows: Array.from({ length: 224 }, (_, y) => row(Math.floor(y / 8))).flat() })
}

export const stimulusIds = Array.from({ length: n }, (_, i) => `s${String(i).padStart(2, '0')}`)

/** Single trials of make_rdm.py, (stimulus x site x repetition). */
export const trials = (): Float64Array => {
  const [signal, noise] = [gauss('rdm:signal', n * m), gauss('rdm:noise', n * m * repetitions)]
  return noise.map((e, k) => {
    const cell = Math.floor(k / repetitions)
    return 3 * (cell % m) + ((cell % m) + 1) * (signal[cell] + 0.7 * e)
  })
}

export interface RdmDataset {
  name?: string
  responses?: Float64Array
  /** rows of the dataset, in an order of their own */
  order?: number[]
  /** animal of each site */
  animals?: string
  /** further fields of the import */
  fields?: Record<string, string>
}

/** Imports the dataset of make_rdm.py, or one like it. */
export const addRdmDataset = async (
  t: { teardown: (fn: () => unknown) => void },
  context: PipelineContext,
  { name = 'made up', responses = trials(), order = stimulusIds.map((_, i) => i), animals = 'aaabbbccc', fields = {} }: RdmDataset = {},
): Promise<DatasetSummary> => {
  const folder = temporaryFolder(t)
  const write = (file: string, bytes: Uint8Array | string): string => {
    fs.writeFileSync(path.join(folder, file), bytes)
    return path.join(folder, file)
  }
  const size = m * repetitions
  const files = {
    stimuli: write('stimuli.zip', await zipBytes(order.map((i) => [`${stimulusIds[i]}.png`, blocks(i)] as const))),
    responses: write('responses.npy', encodeNpy(Float64Array.from(order.flatMap((i) => Array.from(responses.subarray(i * size, (i + 1) * size)))), [order.length, m, repetitions])),
    metadata: write('metadata.csv', ['stimulus_id,filename,object_name', ...order.map((i) => `${stimulusIds[i]},${stimulusIds[i]}.png,o${i % 4}`), ''].join('\n')),
    sites: write('sites.csv', ['site_id,region,animal', ...Array.from({ length: m }, (_, j) => `n${j},IT,${animals[j]}`), ''].join('\n')),
  }
  const answer = await importDataset(context, { files, fields: { name, unit: 'other', axes: 'stimulus,site,repetition', ...fields }, owner: 'local', idempotency: null })
  return answer.body as DatasetSummary
}
