import { VentralError } from '../../domain/errors.ts'
import { stratifiedShuffleSplit } from '../../encoding/splits/stratified-shuffle-split.ts'

export interface Division {
  train: Int32Array
  test: Int32Array
}

const ascending = (rows: Int32Array): Int32Array => rows.toSorted()

/** Sets a share of some rows aside, class by class, by a seed; each class must have 2 rows and keep 1 (`too-few-stimuli` names it). */
export const divide = (labels: Int32Array, names: readonly string[], { share, seed, what }: { share: number; seed: number; what: string }): Division => {
  const counts = new Map<number, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const single = [...counts].find(([, count]) => count < 2)
  const tooFew = (detail: string, expected: string, found: string): VentralError => new VentralError('too-few-stimuli', detail, [{ pointer: '/input', expected, found }])
  if (single !== undefined) throw tooFew(`The class "${names[single[0]]}" has one ${what} image; it needs 2, of which one is set aside.`, `2 ${what} images of each class`, '1')
  const aside = Math.ceil(share * labels.length)
  if (aside < counts.size || labels.length - aside < counts.size)
    throw tooFew(`Setting ${aside} of ${labels.length} ${what} images aside leaves a part too small for ${counts.size} classes. Give more images, or another share.`, `${counts.size} images in each part`, `${aside} and ${labels.length - aside}`)
  const [split] = stratifiedShuffleSplit(labels, { splits: 1, seed, testSize: share })
  const kept = new Set(Array.from(split.train, (row) => labels[row]))
  const lost = [...counts.keys()].find((label) => !kept.has(label))
  if (lost !== undefined) throw tooFew(`No ${what} image of the class "${names[lost]}" is left beside those set aside. Give it more images, or set fewer aside.`, 'an image of each class', 'none')
  return { train: ascending(split.train), test: ascending(split.test) }
}
