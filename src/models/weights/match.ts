import { VentralError } from '../../domain/errors.ts'
import type { ProblemDetail } from '../../domain/errors.ts'
import type { TensorInfo } from './checkpoint.ts'
import { quoted } from './checkpoint-errors.ts'

/** What matching needs to know of a backbone's parameter. */
export interface ParamShape {
  name: string
  shape: readonly number[]
}

export interface CheckpointMatch {
  /** parameter name -> the tensor's name in the file; one with more values than the parameter has ends in the parameter's */
  names: Map<string, string>
  /** parameters of the classifier that the file does not have; layers up to it work all the same */
  missing: string[]
}

/** Modules at the end of the published architectures; checkpoints of a trunk only come without them. */
const tail = /^(classifier|fc|decoder|head|heads|last_linear)\./
/** GoogLeNet's published file carries the two classifiers that only its training used. */
const trainingOnly = /^aux[12]\./
/** DataParallel's prefix. */
const PREFIX = 'module.'
/** Of checkpoints ported from TensorFlow, whose ImageNet has a class for the background before the thousand (PNASNet's). */
const withBackground = (name: string, expected: readonly number[], found: readonly number[]): boolean =>
  tail.test(name) && expected[0] === 1000 && found.join() === [1001, ...expected.slice(1)].join()
const SHOWN = 5

/** DenseNet's published files name `denselayer1.norm.1` what the architecture has called `denselayer1.norm1` since. */
const currentName = (name: string): string => name.replace(/(\.denselayer\d+\.(?:norm|conv))\.([12]\.)/, '$1$2')

const sizeText = (shape: readonly number[]): string => (shape.length ? shape.join(' x ') : 'scalar')

const listing = (names: readonly string[]): string => `${quoted(names[0])}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`

/**
 * Finds a backbone's parameters among a checkpoint's tensors by name and shape. DataParallel's `module.` is stripped and
 * `num_batches_tracked` ignored, as is what only training uses. VentralError checkpoint-mismatch names the first missing, unexpected and misshapen keys.
 */
export const matchCheckpoint = (
  params: readonly ParamShape[], tensors: ReadonlyMap<string, Pick<TensorInfo, 'shape'>>, { where, backbone }: { where: string; backbone: string },
): CheckpointMatch => {
  const stored = [...tensors.keys()]
  const prefix = stored.length > 0 && stored.every((name) => name.startsWith(PREFIX)) ? PREFIX : ''
  const available = new Map(stored.filter((name) => !name.endsWith('num_batches_tracked') && !trainingOnly.test(name.slice(prefix.length))).map((name) => [currentName(name.slice(prefix.length)), name]))

  const names = new Map<string, string>()
  const absent: string[] = []
  const misshapen: { name: string; expected: string; found: string }[] = []
  for (const { name, shape } of params) {
    const key = available.get(name)
    if (key === undefined) {
      absent.push(name)
      continue
    }
    const found = tensors.get(key)!.shape
    if (found.join() === shape.join() || withBackground(name, shape, found)) names.set(name, key)
    else misshapen.push({ name, expected: sizeText(shape), found: sizeText(found) })
  }
  const known = new Set(params.map(({ name }) => name))
  const unexpected = [...available.keys()].filter((name) => !known.has(name))
  // A file without a single body parameter is no trunk of this backbone, whatever is absent.
  const isTrunk = absent.every((name) => tail.test(name)) && (names.size > 0 || params.length === 0)
  const missing = isTrunk ? [] : absent
  if (missing.length === 0 && unexpected.length === 0 && misshapen.length === 0) return { names, missing: absent }

  const parts = [
    ...(missing.length ? [`lacks ${listing(missing)}`] : []),
    ...(unexpected.length ? [`has the unexpected ${listing(unexpected)}`] : []),
    ...(misshapen.length ? [`has ${quoted(misshapen[0].name)} of shape ${misshapen[0].found} where ${misshapen[0].expected} is needed${misshapen.length > 1 ? ` (and ${misshapen.length - 1} more)` : ''}`] : []),
  ]
  const errors: ProblemDetail[] = [
    ...missing.slice(0, SHOWN).map((name) => ({ pointer: `${where}: ${name}`, expected: sizeText(params.find((param) => param.name === name)!.shape), found: 'missing' })),
    ...unexpected.slice(0, SHOWN).map((name) => ({ pointer: `${where}: ${name.slice(0, 120)}`, expected: `no such key in ${backbone}`, found: sizeText(tensors.get(available.get(name)!)!.shape) })),
    ...misshapen.slice(0, SHOWN).map(({ name, expected, found }) => ({ pointer: `${where}: ${name}`, expected, found })),
  ]
  throw new VentralError('checkpoint-mismatch', `${where} is not a checkpoint of ${backbone}: it ${parts.join('; it ')}. Name the backbone that it belongs to.`, errors)
}
