import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { createGraphBuilder } from '../../../src/models/graph-builder.ts'
import { loadBackend } from '../../../src/models/tfjs/backend.ts'
import { fill } from '../../helper/generator.ts'
import { openNetwork, relativeError, smallNet } from './small-net.ts'

await loadBackend()

const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../reference/tfjs/gradients.json'), 'utf8')) as {
  units: number[]
  logits: number[]
  layers: Record<string, { shape: number[]; gradient: number[] }>
}
const pixels = fill('input', [2, 3, 12, 12], 'input')
const of = { layer: 'classifier', units: golden.units }

t.test("activations and derivatives are PyTorch's", (t) => {
  const network = openNetwork(smallNet())
  const [logits] = network.run({ count: 2, pixels }, [{ layer: 'classifier', pooling: 'none' }])
  t.ok(relativeError(logits, golden.logits) < 1e-6, 'logits')
  for (const [layer, { gradient }] of Object.entries(golden.layers)) {
    const found = network.gradient({ count: 2, pixels }, layer, of)
    t.strictSame([...found.values], golden.units.map((unit, image) => logits[image * 5 + unit]), 'the values are those of the units')
    t.strictSame(found.activations, network.run({ count: 2, pixels }, [{ layer, pooling: 'none' }])[0], `the activations of ${layer}`)
    t.ok(relativeError(found.gradient, gradient) < 2e-6, `${layer}: ${relativeError(found.gradient, gradient)}`)
  }
  network.dispose()
  t.end()
})

t.test('derivatives are the limits of differences', (t) => {
  const network = openNetwork(smallNet())
  for (const layer of ['norm', 'groupnorm', 'grouped', 'sum', 'wide', 'block', 'ratio', 'average', 'deep']) {
    const { activations, gradient } = network.gradient({ count: 2, pixels }, layer, of)
    // Along the derivative itself, where the difference of the float32 logits is largest beside their rounding.
    const units = activations.length / 2
    const lengths = [0, 1].map((image) => Math.hypot(...gradient.subarray(image * units, (image + 1) * units)))
    const direction = gradient.map((value, i) => value / lengths[Math.floor(i / units)])
    const step = 2 ** -8
    const at = (h: number): number[] => {
      const moved = activations.map((value, i) => value + h * direction[i])
      const [logits] = network.run({ count: 2, pixels, from: { layer, activations: moved } }, [{ layer: 'classifier', pooling: 'none' }])
      return golden.units.map((unit, image) => logits[image * 5 + unit])
    }
    const [ahead, behind] = [at(step), at(-step)]
    const differences = ahead.map((value, image) => (value - behind[image]) / (2 * step))
    t.ok(relativeError(lengths, differences) < 5e-3, `${layer}: ${lengths.join(', ')} and ${differences.join(', ')}`)
  }
  network.dispose()
  t.end()
})

t.test('later layers follow from the activations of an earlier one', (t) => {
  const network = openNetwork(smallNet())
  const taps = ['pool', 'block', 'classifier'].map((layer) => ({ layer, pooling: 'none' as const }))
  const [pool, block, logits] = network.run({ count: 2, pixels }, taps)
  t.strictSame(network.run({ count: 2, from: { layer: 'pool', activations: pool } }, taps), [pool, block, logits], 'to the bit')
  const zeros = new Float32Array(block.length)
  const [, changed] = network.run({ count: 2, from: { layer: 'block', activations: zeros } }, [taps[1], taps[2]])
  t.ok(relativeError(changed, logits) > 0.1, 'they are used')
  t.throws(() => network.run({ count: 2, from: { layer: 'block', activations: block } }, taps), /pixels are needed too/, 'not what comes before it')
  t.throws(() => network.run({ count: 2, from: { layer: 'silu', activations: new Float32Array(3) } }, taps), /takes 8 x 6 x 6 values per image/)
  t.throws(() => network.gradient({ count: 2, pixels }, 'block', { layer: 'pool', units: [0, 0] }), /pool does not depend on block/)
  t.throws(() => network.gradient({ count: 2, pixels }, 'block', { layer: 'classifier', units: [0, 5] }), /one unit of classifier/)
  network.dispose()
  t.end()
})

t.test('what lies beside the layer is a constant of the derivative', (t) => {
  const g = createGraphBuilder({ id: 'beside', family: 'test', inputSize: 2 })
  const branch = g.relu('branch', g.input)
  g.add('product', g.divide('ratio', branch, g.activation('divisor', g.channels('one', g.input, 0, 1), 'sigmoid')), g.input)
  g.tap('output', g.flatten('flat', g.add('twice', g.add('both', branch, branch), g.input)))
  const network = openNetwork(g.finish({ defaults: ['output'] }))
  const image = Float32Array.from({ length: 12 }, (_, i) => i - 4)
  const { gradient } = network.gradient({ count: 1, pixels: image }, 'branch', { layer: 'output', units: [7] })
  t.strictSame([...gradient], Array.from({ length: 12 }, (_, i) => (i === 7 ? 2 : 0)), 'x + 2 relu(x) by relu(x): 2, not 3')
  network.dispose()
  t.end()
})
