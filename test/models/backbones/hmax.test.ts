import fs from 'node:fs'
import t from 'tap'
import { openBackbone } from '../../../src/models/activations.ts'
import { deadLeaves } from '../../../src/models/backbones/hmax-prototypes.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import type { Golden } from '../../helper/golden.ts'
import { compareWithGolden } from '../../helper/golden.ts'

const golden = JSON.parse(fs.readFileSync(new URL('../../reference/backbones/hmax.json', import.meta.url), 'utf8')) as Golden
const SIDE = 224

t.test('every tap is what NumPy and SciPy give', async (t) => {
  const graph = getBackbone('hmax')
  const shapes = new Map(graph.layers.map(({ name, shape }) => [name, shape.join('x')]))
  t.strictSame(golden.taps.filter(({ name, shape }) => shapes.get(name) !== shape.slice(1).join('x')), [])
  const { missed, worst } = await compareWithGolden(graph, golden)
  t.strictSame(missed, [], `worst error ${worst.toFixed(3)} of its tolerance`)
})

type Picture = (x: number, y: number) => number

const draw = (picture: Picture): Float32Array => {
  const grey = Float32Array.from({ length: SIDE * SIDE }, (_, i) => picture(i % SIDE, Math.floor(i / SIDE)))
  return Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => grey[i % grey.length])
}

/** One layer's answers to pictures. */
const respond = async (layer: string, pictures: Picture[], id = 'hmax'): Promise<Float32Array[]> => {
  const backbone = await openBackbone({ graph: getBackbone(id), params: new Map(), taps: [{ layer, pooling: 'none' }], threads: 1, normalise: true })
  const out: Float32Array[] = []
  for (const picture of pictures) out.push((await backbone.run(draw(picture), 1)).get(layer)!)
  await backbone.close()
  return out
}

/** Root mean square of the differences. */
const distance = (a: Float32Array, b: Float32Array): number => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length)

t.test('simple cells prefer their orientation and wavelength, in whatever light', async (t) => {
  const grating = (theta: number, wavelength: number, light = 1): Picture => (x, y) =>
    light * (0.5 + 0.25 * Math.cos((2 * Math.PI * ((x - 112) * Math.cos(theta) + (y - 112) * Math.sin(theta))) / wavelength))
  const at = (values: Float32Array): number[] => [0, 1, 2, 3].map((k) => values[k * SIDE * SIDE + 112 * SIDE + 112])
  const thetas = [0, 1, 2, 3].map((k) => (k * Math.PI) / 4)
  for (const [k, values] of (await respond('S1.11', thetas.map((theta) => grating(theta, 5.6)))).map(at).entries())
    t.ok(values.every((value, j) => j === k || value < values[k] / 4), `${k}: ${values.map((value) => value.toFixed(3)).join(', ')}`)
  const [best, dim, coarse, fine, uniform, black] = (await respond('S1.11', [grating(0, 5.6), grating(0, 5.6, 0.3), grating(0, 15), grating(0, 3), () => 0.7, () => 0])).map(at)
  t.ok(best[0] > 0.2 && best[0] <= 1 && coarse[0] < best[0] / 3 && fine[0] < best[0] / 3)
  t.ok(Math.abs(dim[0] / best[0] - 1) < 1e-3, 'responses are relative to the light')
  t.ok([...uniform, ...black].every((value) => value < 1e-4), 'uniform light gives nothing, nor does none')
})

/** A shape of bars and a disc on grey, moved and turned. */
const shape = (dx: number, dy: number, turn = 0): Picture => (x, y) => {
  const [u, v] = [x - 112 - dx, y - 112 - dy]
  const [a, b] = [u * Math.cos(turn) + v * Math.sin(turn), v * Math.cos(turn) - u * Math.sin(turn)]
  if (Math.abs(a) < 5 && Math.abs(b) < 30) return 0.9
  if (Math.abs(b - 18) < 4 && a > 0 && a < 26) return 0.1
  return (a + 16) ** 2 + (b + 14) ** 2 < 81 ? 0.7 : 0.5
}

t.test('C2 hardly tells where a shape is, but which way it is turned; C1 tells both', async (t) => {
  const pictures = [shape(0, 0), shape(20, -12), shape(-7, 11), shape(0, 0, Math.PI / 4), () => 0.5]
  const c2 = await respond('C2', pictures)
  const [moved, nudged, turned, gone] = c2.slice(1).map((values) => distance(c2[0], values))
  t.ok(Math.max(moved, nudged) < turned / 2 && turned < gone, `moved ${moved.toFixed(4)}, ${nudged.toFixed(4)}, turned ${turned.toFixed(4)}, gone ${gone.toFixed(4)}`)
  const c1 = await respond('C1', pictures.slice(0, 4))
  t.ok(distance(c1[0], c1[1]) > distance(c1[0], c1[3]) / 2)
  t.ok(c2.every((values) => values.every((value) => value > 0 && value <= 1 + 1e-6)))
})

t.test('the image that a prototype was cut from drives it to 1, wherever it lies', async (t) => {
  const leaves = deadLeaves(0, 3)
  const placed = (left: number, top: number): Picture => (x, y) => (x >= left && x < left + 128 && y >= top && y < top + 128 ? leaves[(y - top) * 128 + x - left] : 0.5)
  const answers = await respond('C2', [placed(48, 48), placed(12, 80)])
  // Prototypes are cut from ten images in turn, 250 of each size.
  const own = Array.from({ length: 1000 }, (_, i) => i).filter((i) => (i % 250) % 10 === 3)
  for (const values of answers) t.ok(own.every((i) => Math.abs(values[i] - 1) < 1e-5))
  t.ok(answers[0].filter((value) => value > 1 - 1e-5).length < 150, 'and others not')
})

t.test('the dictionary is of a size and a seed', async (t) => {
  const [few] = await respond('C2.4', [shape(0, 0)], 'hmax+prototypes=10')
  const [usual] = await respond('C2.4', [shape(0, 0)])
  const [other] = await respond('C2.4', [shape(0, 0)], 'hmax+prototypes=10+seed=1')
  t.equal(few.length, 10)
  t.ok(few.every((value, i) => Math.abs(value - usual[i]) < 1e-5), 'more prototypes begin with the fewer')
  t.ok(distance(few, other) > 0.01)
})
