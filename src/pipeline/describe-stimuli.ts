import type { ImportReport, Stimulus } from '../domain/dataset.ts'
import type { Matrix } from '../domain/matrix.ts'
import { createDecoderPool } from '../models/preprocess/decoder-pool.ts'
import type { ImageDescription } from '../models/preprocess/describe-image.ts'
import { createProducts } from '../numerics/products.ts'
import { createDisjointSets } from './disjoint-sets.ts'
import { openStimulusFiles } from './stimulus-files.ts'

const BATCH = 16
/** Thumbnails that correlate over this show the same but for noise, crop or format. */
const NEAR = 0.95
/** Thumbnails compared at a time. */
const [ROWS, COLUMNS] = [512, 2048]
/** Over what a float32 sum of a thumbnail's values can be off. */
const DOUBT = 1e-4
/** Pairs listed of each kind: n images that are all alike would have n²/2 of them. */
const LISTED_PAIRS = 1000

export interface DescribedStimuli {
  stimuli: Stimulus[]
  duplicates: Required<ImportReport['duplicates']>
}

/** Decodes every image once: its size, and which images show the same. Throws `truncated-image`, `not-an-image`, `image-too-large` with the file's name. */
export const describeStimuli = async (packPath: string, stimuli: readonly Stimulus[], signal?: AbortSignal): Promise<DescribedStimuli> => {
  const files = openStimulusFiles(packPath, stimuli)
  const decoders = createDecoderPool({ threads: 1, size: 1 })
  const images: ImageDescription[] = []
  try {
    for (let first = 0; first < stimuli.length; first += BATCH) {
      signal?.throwIfAborted()
      const batch = stimuli.slice(first, first + BATCH)
      images.push(...(await decoders.describeBatch(batch.map((_, i) => files.read(first + i)), batch.map(({ filename }) => filename))))
    }
  } finally {
    files.close()
    await decoders.close()
  }
  return { stimuli: stimuli.map((stimulus, i) => ({ ...stimulus, width: images[i].width, height: images[i].height })), duplicates: await findDuplicates(stimuli, images, signal) }
}

const findDuplicates = async (stimuli: readonly Stimulus[], images: readonly ImageDescription[], signal?: AbortSignal): Promise<DescribedStimuli['duplicates']> => {
  const exact: [string, string][] = []
  const near: [string, string][] = []
  const pairs = { exact: 0, near: 0 }
  const sets = createDisjointSets(images.length)
  const add = (kind: 'exact' | 'near', listed: [string, string][], j: number, i: number): void => {
    if (pairs[kind]++ < LISTED_PAIRS) listed.push([stimuli[j].stimulusId, stimuli[i].stimulusId])
    sets.join(j, i)
  }
  const firstWith = new Map<string, number>()
  for (const [i, { pixelSha256 }] of images.entries()) {
    const same = firstWith.get(pixelSha256)
    if (same === undefined) firstWith.set(pixelSha256, i)
    else add('exact', exact, same, i)
  }
  const isOther = (i: number, j: number): boolean => images[i].pixelSha256 !== images[j].pixelSha256
  await eachLike(images.map(({ thumbnail }) => standardise(thumbnail)), (i, j) => isOther(i, j) && add('near', near, j, i), signal)
  return { exact, near, pairs, groups: groupsOf(sets.roots(), stimuli) }
}

/** Visits the pairs j < i of vectors whose inner product is over NEAR, by float32 products of blocks; what these cannot tell apart is added up again. */
const eachLike = async (vectors: readonly Float32Array[], visit: (i: number, j: number) => void, signal?: AbortSignal): Promise<void> => {
  const products = await createProducts({ threads: 1 })
  const block = (from: number, size: number): Matrix<Float32Array> => {
    const rows = vectors.slice(from, from + size)
    const data = new Float32Array(rows.length * vectors[0].length) // (image x value of thumbnail)
    rows.forEach((row, i) => data.set(row, i * row.length))
    return { rows: rows.length, cols: vectors[0].length, data }
  }
  try {
    for (let first = 0; first < vectors.length; first += ROWS) {
      const rows = block(first, ROWS)
      for (let other = 0; other < first + rows.rows; other += COLUMNS) {
        await new Promise(setImmediate) // thousands of stimuli take seconds, in which the service answers others
        signal?.throwIfAborted()
        const { cols, data } = await products.f32(rows, block(other, COLUMNS), { transB: true })
        for (let i = first; i < first + rows.rows; i++)
          for (let j = other; j < Math.min(i, other + cols); j++) {
            const r = data[(i - first) * cols + j - other]
            if (r > NEAR - DOUBT && (r > NEAR + DOUBT || dot(vectors[i], vectors[j]) > NEAR)) visit(i, j)
          }
      }
    }
  } finally {
    await products.close()
  }
}

/** Sets of more than one, by the ids of their members. */
const groupsOf = (roots: Int32Array, stimuli: readonly Stimulus[]): string[][] => {
  const members = new Map<number, string[]>()
  roots.forEach((root, i) => {
    if (!members.has(root)) members.set(root, [])
    members.get(root)!.push(stimuli[i].stimulusId)
  })
  return [...members.values()].filter((group) => group.length > 1)
}

/** Zero mean, unit length, so that a dot product is Pearson's r; a uniform image becomes zeros and resembles none. */
const standardise = (values: Float32Array): Float32Array => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const centred = values.map((x) => x - mean)
  const length = Math.sqrt(centred.reduce((sum, x) => sum + x * x, 0))
  return length > 1e-6 ? centred.map((x) => x / length) : centred.fill(0)
}

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k]
  return sum
}
