import { VentralError } from '../../domain/errors.ts'
import { tooFew } from './split.ts'
import type { Labels, Split } from './split.ts'
import { uniqueByAppearance } from './unique.ts'

const TRAIN = new Set(['train', 'training'])
const TEST = new Set(['test', 'testing', 'val', 'validation'])

/**
 * The one split that a metadata column gives: `train` (or `training`) fits, one of `test`, `testing`, `val` and `validation` is held
 * out, whatever the case; stimuli without a value are in neither part. Throws `invalid-value` for other values, and where two words for
 * the held-out part leave it open which of them it is; `too-few-stimuli` when a part is empty.
 */
export const givenSplit = (labels: Labels, column: string): Split => {
  const words = Array.from(labels, (label) => String(label).trim().toLowerCase())
  const { values } = uniqueByAppearance(words.filter((word) => word !== ''))
  const held = values.filter((value) => TEST.has(String(value)))
  const strange = values.filter((value) => !TEST.has(String(value)) && !TRAIN.has(String(value)))
  if (strange.length > 0)
    throw wrong(`The column "${column}" gives the split, so its values must be "train" or "test"; it also has ${quote(strange)}.`, strange)
  if (held.length > 1)
    throw wrong(`The column "${column}" has ${quote(held)} side by side; which of them is held out? Leave one of them empty, or make a column of "train" and "test".`, held)
  const rows = (inside: (word: string) => boolean): Int32Array => Int32Array.from(words.keys()).filter((i) => inside(words[i]))
  const split = { train: rows((word) => TRAIN.has(word)), test: rows((word) => TEST.has(word)) }
  for (const [part, { length }] of Object.entries(split))
    if (length === 0) throw tooFew(`The column "${column}" has no stimulus for the ${part} part.`, '/split/by', `"${part}" for at least 1 stimulus`, length)
  return split
}

const quote = (values: readonly (string | number)[]): string =>
  values
    .slice(0, 5)
    .map((value) => `"${value}"`)
    .join(', ') + (values.length > 5 ? ' …' : '')

const wrong = (detail: string, found: readonly (string | number)[]): VentralError =>
  new VentralError('invalid-value', detail, [{ pointer: '/split/by', expected: '"train" and one of "test", "val", "validation"', found: quote(found) }])
