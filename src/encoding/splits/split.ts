import crypto from 'node:crypto'
import { VentralError } from '../../domain/errors.ts'

/** One train/test division of the stimuli, as row indices. */
export interface Split {
  readonly train: Int32Array
  readonly test: Int32Array
}

/** Values by which stimuli are grouped or stratified, one per stimulus. */
export type Labels = ArrayLike<string | number>

/** The rows of 0 … n-1 that are not in `rows`, ascending. */
export const complement = (n: number, rows: ArrayLike<number>): Int32Array => {
  const inside = new Uint8Array(n)
  for (let i = 0; i < rows.length; i++) inside[rows[i]] = 1
  const out = new Int32Array(n - inside.reduce((count, x) => count + x, 0))
  for (let i = 0, k = 0; i < n; i++) if (inside[i] === 0) out[k++] = i
  return out
}

/** The split whose test set is `test`, ascending, and whose training set is all else, ascending. */
export const splitByTest = (n: number, test: ArrayLike<number>): Split => ({ train: complement(n, test), test: Int32Array.from(test).sort() })

/** The splits in which each stimulus is tested in the fold that `foldOf` names; ascending indices. */
export const splitsByFold = (foldOf: ArrayLike<number>, folds: number): Split[] => {
  const rows: number[][] = Array.from({ length: folds }, () => [])
  for (let i = 0; i < foldOf.length; i++) rows[foldOf[i]].push(i)
  return rows.map((test) => splitByTest(foldOf.length, test))
}

/** SHA-256 of the splits' indices, for the provenance of a score: counts and indices as little-endian int32, split after split. */
export const splitsSha256 = (splits: readonly Split[]): string => {
  const hash = crypto.createHash('sha256')
  const add = (values: Int32Array): void => {
    const bytes = Buffer.alloc(4 * values.length)
    for (let i = 0; i < values.length; i++) bytes.writeInt32LE(values[i], 4 * i)
    hash.update(bytes)
  }
  for (const { train, test } of splits) {
    add(Int32Array.of(train.length, test.length))
    add(train)
    add(test)
  }
  return hash.digest('hex')
}

/** The error for a split that so few stimuli, groups or class members cannot give. */
export const tooFew = (detail: string, pointer: string, expected: string, found: number | string): VentralError =>
  new VentralError('too-few-stimuli', detail, [{ pointer, expected, found: String(found) }])

/** Throws `invalid-value` unless the number of folds is a whole number of at least 2. */
export const checkFolds = (folds: number): void => {
  if (!Number.isInteger(folds) || folds < 2)
    throw new VentralError('invalid-value', `The number of folds must be a whole number of at least 2, not ${folds}.`, [
      { pointer: '/split/folds', expected: 'a whole number of at least 2', found: String(folds) },
    ])
}
