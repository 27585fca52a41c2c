import t from 'tap'
import { place } from '../../../src/models/preprocess/place.ts'
import type { RgbImage } from '../../../src/models/preprocess/rgb-image.ts'
import { refuses } from '../../datasets/fixtures.ts'

const background = [9, 9, 9] as const
/** Grey pixels by row. */
const grey = (rows: number[][]): RgbImage => ({ width: rows[0].length, height: rows.length, data: Uint8Array.from(rows.flat().flatMap((value) => [value, value, value])) })
const rowsOf = ({ width, height, data }: RgbImage): number[][] => Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => data[3 * (y * width + x)]))

t.test('pad-square: the whole image, centred, with the background at its short sides', (t) => {
  t.same(rowsOf(place(grey([[1, 2, 3, 4], [5, 6, 7, 8]]), { kind: 'pad-square', background }, 'x')), [[9, 9, 9, 9], [1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]]) // prettier-ignore
  t.same(rowsOf(place(grey([[1], [2]]), { kind: 'pad-square', background }, 'x')), [[1, 9], [2, 9]]) // prettier-ignore
  const square = grey([[1, 2], [3, 4]]) // prettier-ignore
  t.equal(place(square, { kind: 'pad-square', background }, 'x'), square)
  t.end()
})

t.test('degrees: the field is ratio times as wide as the image, larger or smaller', async (t) => {
  const image = grey([[1, 2], [3, 4]]) // prettier-ignore
  t.same(rowsOf(place(image, { kind: 'degrees', ratio: 2, background }, 'x')), [[9, 9, 9, 9], [9, 1, 2, 9], [9, 3, 4, 9], [9, 9, 9, 9]]) // prettier-ignore
  t.same(rowsOf(place(grey([[1, 2, 3, 4], [5, 6, 7, 8]]), { kind: 'degrees', ratio: 0.5, background }, 'x')), [[2, 3], [6, 7]]) // prettier-ignore
  t.same(rowsOf(place(grey([[1, 2, 3, 4]]), { kind: 'degrees', ratio: 0.5, background }, 'x')), [[2, 3], [9, 9]]) // prettier-ignore
  t.equal(place(image, { kind: 'degrees', ratio: 1, background }, 'x'), image)
  await refuses(t, () => place(image, { kind: 'degrees', ratio: 10_000, background }, 'tiny.png'), 'image-too-large', 'tiny.png')
})
