import type { ImportReport, Stimulus } from '../domain/dataset.ts'
import { createDecoderPool } from '../models/preprocess/decoder-pool.ts'
import type { ImageDescription } from '../models/preprocess/describe-image.ts'
import { createDisjointSets } from './disjoint-sets.ts'
import { openStimulusFiles } from './stimulus-files.ts'

const BATCH = 16
/** Thumbnails that correlate over this show the same but for noise, crop or format. */
const NEAR = 0.95
const ROWS_AT_A_TIME = 8
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
  const standardised = images.map(({ thumbnail }) => standardise(thumbnail))
  const firstWith = new Map<string, number>()
  for (let i = 0; i < images.length; i++) {
    if (i % ROWS_AT_A_TIME === 0) await new Promise(setImmediate) // thousands of stimuli take seconds, in which the service answers others
    signal?.throwIfAborted()
    const same = firstWith.get(images[i].pixelSha256)
    if (same === undefined) firstWith.set(images[i].pixelSha256, i)
    else add('exact', exact, same, i)
    for (let j = 0; j < i; j++)
      if (images[j].pixelSha256 !== images[i].pixelSha256 && dot(standardised[i], standardised[j]) > NEAR) add('near', near, j, i)
  }
  return { exact, near, pairs, groups: groupsOf(sets.roots(), stimuli) }
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
