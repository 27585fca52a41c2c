import fs from 'node:fs'
import t from 'tap'
import { openBackbone } from '../../../src/models/activations.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import type { Golden } from '../../helper/golden.ts'
import { compareWithGolden } from '../../helper/golden.ts'

const golden = JSON.parse(fs.readFileSync(new URL('../../reference/backbones/v1_gabor.json', import.meta.url), 'utf8')) as Golden

t.test('every tap is what SciPy gives', async (t) => {
  const graph = getBackbone('v1-gabor')
  const shapes = new Map(graph.layers.map(({ name, shape }) => [name, shape.join('x')]))
  t.strictSame(golden.taps.filter(({ name, shape }) => shapes.get(name) !== shape.slice(1).join('x')), [])
  const { missed, worst } = await compareWithGolden(graph, golden)
  t.strictSame(missed, [], `worst error ${worst.toFixed(3)} of its tolerance`)
})

/** Complex cells of the finest scale at the centre, for a grating of a wavelength, orientation, phase and contrast. */
const responses = async (grating: { wavelength: number; theta: number; phase: number; contrast: number }, tap: string): Promise<Float32Array> => {
  const graph = getBackbone('v1-gabor')
  const side = graph.inputSize
  const { wavelength, theta, phase, contrast } = grating
  const image = Float32Array.from({ length: 3 * side * side }, (_, i) => {
    const [y, x] = [Math.floor((i % (side * side)) / side) - 112, (i % side) - 112]
    return contrast * Math.cos((2 * Math.PI * (x * Math.cos(theta) + y * Math.sin(theta))) / wavelength - phase)
  })
  const backbone = await openBackbone({ graph, params: new Map(), taps: [{ layer: tap, pooling: 'none' }], threads: 1, normalise: false })
  const values = (await backbone.run(image, 1)).get(tap)!
  await backbone.close()
  return Float32Array.from({ length: 8 }, (_, k) => values[k * side * side + 112 * side + 112])
}

t.test('complex cells prefer their orientation and frequency, whatever the phase; uniform light gives nothing', async (t) => {
  const best = await responses({ wavelength: 4, theta: (3 * Math.PI) / 8, phase: 0, contrast: 1 }, 'scale0.complex')
  t.equal(best.indexOf(Math.max(...best)), 3)
  t.ok(Math.abs(best[3] - 1) < 0.02, `${best[3]} at contrast 1`)
  const shifted = await responses({ wavelength: 4, theta: (3 * Math.PI) / 8, phase: 1, contrast: 1 }, 'scale0.complex')
  t.ok(Math.abs(shifted[3] - best[3]) < 0.02)
  t.ok((await responses({ wavelength: 16, theta: (3 * Math.PI) / 8, phase: 0, contrast: 1 }, 'scale0.complex'))[3] < 0.05)
  t.ok(Math.max(...(await responses({ wavelength: Infinity, theta: 0, phase: 0, contrast: 1 }, 'scale0.complex'))) < 1e-4)
})

t.test('normalised responses saturate with contrast', async (t) => {
  const at = async (contrast: number): Promise<number> => (await responses({ wavelength: 4, theta: 0, phase: 0, contrast }, 'scale0.normalised'))[0]
  const [low, middle, high] = [await at(0.05), await at(0.5), await at(1)]
  t.ok(low < middle && middle < high && high / middle < 1.5 && middle / low > 3, `${low}, ${middle}, ${high}`)
})
