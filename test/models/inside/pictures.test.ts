import sharp from 'sharp'
import t from 'tap'
import { asShares, blueToRed } from '../../../src/models/inside/colours.ts'
import { encodePng, overlay, paintMap, resizeMap, sheet } from '../../../src/models/inside/pictures.ts'
import type { RgbImage } from '../../../src/models/preprocess/rgb-image.ts'

const map = { rows: 2, columns: 3, values: Float32Array.of(0, 1, 4, 2, -3, 0.5) }

t.test("a map is resized as torch's interpolate does it", (t) => {
  // torch 1.13, float64: interpolate(m, size, mode="bilinear", align_corners=False)
  const larger = [0, 0.625, 2.125, 4, 0.2, 0.45, 1.74375, 3.65, 1, -0.25, 0.21875, 2.25, 1.8, -0.95, -1.30625, 0.85, 2, -1.125, -1.6875, 0.5]
  const cases: [{ rows: number; columns: number }, number[]][] = [[{ rows: 5, columns: 4 }, larger], [{ rows: 1, columns: 2 }, [0.5, 1.4375]], [{ rows: 2, columns: 3 }, Array.from(map.values)]]
  for (const [to, expected] of cases) t.ok(resizeMap(map, to).values.every((value, i) => Math.abs(value - expected[i]) < 1e-6), `${to.rows} x ${to.columns}`)
  t.end()
})

t.test('colours run from blue over cyan, green and yellow to red', (t) => {
  const colours = [0, 0.125, 0.25, 0.5, 0.75, 1].map(blueToRed)
  t.strictSame(colours, [[0, 0, 255], [0, 128, 255], [0, 255, 255], [0, 255, 0], [255, 255, 0], [255, 0, 0]])
  t.strictSame([blueToRed(-1), blueToRed(2), blueToRed(NaN)], [[0, 0, 255], [255, 0, 0], [128, 128, 128]])
  t.strictSame(Array.from(asShares(Float32Array.of(-1, 3, NaN, 1))), [0, 1, NaN, 0.5])
  t.strictSame(Array.from(asShares(Float32Array.of(7, 7))), [0, 0], 'nothing stands out')
  t.end()
})

const grey: RgbImage = { width: 3, height: 2, data: new Uint8Array(18).fill(100) }

t.test('an overlay mixes image and colours by alpha', (t) => {
  const pixel = ({ data }: RgbImage, i: number) => Array.from(data.subarray(3 * i, 3 * i + 3))
  t.strictSame([2, 4].map((i) => pixel(overlay(grey, map, 1), i)), [[255, 0, 0], [0, 0, 255]], 'the greatest and the least')
  t.strictSame(pixel(overlay(grey, map, 0.5), 2), [178, 50, 50])
  t.strictSame(overlay(grey, map, 0).data, grey.data)
  t.end()
})

t.test('units are painted as squares, and pictures laid out with gaps', async (t) => {
  const shares = { rows: 1, columns: 2, values: Float32Array.of(0, 1) }
  const painted = paintMap(shares, 4)
  t.equal(Array.from(painted.data.subarray(0, 12)).join(), '0,0,255,0,0,255,255,0,0,255,0,0')
  const all = sheet([[painted, painted], [painted]], 4)
  t.match(all, { width: 12, height: 12 })
  const { data } = await sharp(await encodePng(all)).raw().toBuffer({ resolveWithObject: true })
  t.ok(Buffer.from(all.data).equals(data), 'the PNG has the same pixels')
  const at = (x: number, y: number) => Array.from(all.data.subarray(3 * (12 * y + x), 3 * (12 * y + x) + 3))
  t.strictSame([at(0, 0), at(5, 0), at(8, 3), at(11, 0), at(3, 11), at(11, 11)], [[0, 0, 255], [255, 255, 255], [0, 0, 255], [255, 0, 0], [255, 0, 0], [255, 255, 255]])
})
