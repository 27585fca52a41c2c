import t from 'tap'
import type { Pooling } from '../../../src/domain/backbone.ts'
import { openBackbone } from '../../../src/models/activations.ts'
import { createGraphBuilder } from '../../../src/models/graph-builder.ts'
import type { GraphBuilder } from '../../../src/models/graph-builder.ts'
import type { ActivationForm, GraphNode, LayerGraph } from '../../../src/models/graph.ts'
import { loadBackend } from '../../../src/models/tfjs/backend.ts'
import { referenceParams } from '../../helper/golden.ts'
import { fill } from '../../helper/generator.ts'
import { openNetwork, relativeError, smallNet } from './small-net.ts'

await loadBackend()

/** Worst relative error of all taps against the ONNX engine, on two images. */
const worstTap = async (graph: LayerGraph, pooling: Pooling = 'none', layers = graph.layers.map(({ name }) => name)): Promise<{ layer: string; error: number }> => {
  const taps = layers.map((layer) => ({ layer, pooling }))
  const pixels = fill(`input ${graph.id}`, [2, 3, graph.inputSize, graph.inputSize], 'input').map((value) => 6 * value) // beyond the saturations too
  const onnx = await openBackbone({ graph, params: referenceParams(graph), taps, threads: 1, normalise: false })
  const expected = await onnx.run(pixels, 2)
  await onnx.close()
  const network = openNetwork(graph)
  const found = network.run({ count: 2, pixels }, taps)
  network.dispose()
  return layers.map((layer, i) => ({ layer, error: relativeError(found[i], expected.get(layer)!) })).reduce((worst, one) => (one.error > worst.error ? one : worst))
}

const graphOf = (name: string, inputSize: number, build: (g: GraphBuilder) => GraphNode): LayerGraph => {
  const g = createGraphBuilder({ id: name, family: 'test', inputSize })
  g.tap('output', build(g))
  return g.finish({ defaults: ['output'] })
}

const wide = (g: GraphBuilder, out = 8): GraphNode => g.conv('first', g.input, { out, kernel: 1 })
const forms: ActivationForm[] = ['silu', 'hardswish', 'sigmoid', 'hardsigmoid', 'gelu', 'tanh', 'elu']

const cases: [string, number, (g: GraphBuilder) => GraphNode][] = [
  ['a convolution with unlike sides, strides and padding', 9, (g) => g.conv('conv', g.input, { out: 5, kernel: [3, 2], stride: [1, 2], padding: [0, 1] })],
  ['a dilated convolution', 11, (g) => g.conv('conv', g.input, { out: 4, kernel: [3, 2], padding: 2, dilation: [2, 3] })],
  ['a grouped convolution', 6, (g) => g.conv('conv', wide(g), { out: 12, kernel: 3, padding: 1, groups: 4, bias: false })],
  ['a depthwise convolution', 8, (g) => g.conv('conv', wide(g), { out: 8, kernel: 5, stride: 2, padding: 2, groups: 8 })],
  ['a depthwise convolution with several filters per channel', 7, (g) => g.conv('conv', wide(g, 4), { out: 12, kernel: 3, groups: 4 })],
  ['filters that are given', 6, (g) => g.filter('filter', g.input, fill('filters', [2, 3, 3, 3], 'w'), { out: 2, kernel: 3, offset: 0.5 })],
  ['a batch norm', 5, (g) => g.batchNorm('norm', g.input, { epsilon: 1e-3 })],
  ['a group norm', 5, (g) => g.groupNorm('norm', wide(g), { groups: 4 })],
  ['layer norms, channels first and last', 4, (g) => g.layerNorm('b', g.permute('last', g.layerNorm('a', wide(g), { channels: 'first' }), [1, 2, 0]), { channels: 'last', epsilon: 1e-6 })],
  ['ReLUs', 4, (g) => g.concat('both', [g.relu('relu', g.input), g.relu6('relu6', g.input)])],
  ['the other non-linearities', 6, (g) => g.concat('all', forms.map((form) => g.activation(form, g.input, form)))],
  ['an exponential', 3, (g) => g.activation('exp', g.activation('bounded', g.input, 'tanh'), 'exp')],
  ['sides padded and cut', 6, (g) => g.pad('pad', g.input, [2, -1], [-3, 1])],
  ['max pools', 9, (g) => g.concat('all', [g.maxPool('floor', g.input, { kernel: 3, stride: 2, padding: 1 }), g.maxPool('floor2', g.input, { kernel: [2, 3], stride: 2, padding: [1, 1] })])],
  ['a max pool with ceil mode', 6, (g) => g.maxPool('ceil', g.input, { kernel: 3, stride: 2, ceil: true })],
  ['a max pool with ceil mode and a window that would begin in the padding', 4, (g) => g.maxPool('ceil', g.input, { kernel: 2, stride: 3, padding: 1, ceil: true })],
  ['an average pool', 7, (g) => g.avgPool('average', g.input, { kernel: 3, stride: 2, padding: 1 })],
  ['adaptive average pools', 13, (g) => g.adaptiveAvgPool('b', g.adaptiveAvgPool('a', g.input, [13, 5]), [4, 1])],
  ['linear layers', 4, (g) => g.linear('b', g.flatten('flat', g.linear('a', g.permute('last', g.input, [1, 2, 0]), 7)), 5)],
  ['permutations', 5, (g) => g.permute('c', g.permute('b', g.permute('a', wide(g), [1, 2, 0]), [1, 0, 2]), [2, 0, 1])],
  ['a permutation of channels and rows', 5, (g) => g.permute('a', wide(g), [1, 0, 2])],
  ['flattening', 4, (g) => g.flatten('flat', wide(g))],
  ['sums, slices, shuffled channels and zeros', 4, (g) => g.add('sum', g.shuffle('shuffled', wide(g), 4), g.concat('joined', [g.zeros('zeros', [3, 4, 4]), g.channels('some', wide2(g), 2, 7)]))],
  ['energies, divided', 5, (g) => g.divide('ratio', g.root('root', g.square('square', wide(g))), g.activation('divisor', g.conv('c', g.activation('bounded', g.input, 'sigmoid'), { out: 1, kernel: 1 }), 'sigmoid'))],
  ['maxima', 5, (g) => g.max('max', [wide(g), wide2(g), g.conv('third', g.input, { out: 8, kernel: 1 })])],
  ['a gate of single units', 5, (g) => g.gate('gated', wide(g), wide2(g))],
  ['gates and scales', 5, (g) => g.scale('scaled', g.gate('gated', wide(g), g.adaptiveAvgPool('mean', wide2(g), 1)), g.declareScale('gamma', 8, 1))],
]
const wide2 = (g: GraphBuilder): GraphNode => g.conv('second', g.input, { out: 8, kernel: 1 })

for (const [name, size, build] of cases) {
  t.test(name, async (t) => {
    const { layer, error } = await worstTap(graphOf(name, size, build))
    t.ok(error < 1e-6, `${layer}: ${error}`)
  })
}

t.test('taps averaged to a grid', async (t) => {
  const layers = ['conv', 'last', 'classifier']
  t.ok((await worstTap(smallNet(), { grid: 2 }, layers)).error < 1e-6, 'sides that divide')
  t.ok((await worstTap(smallNet(), { grid: 4 }, layers)).error < 1e-6, 'sides that do not, and one no longer than the grid')
})

t.test('the whole small network', async (t) => {
  const { layer, error } = await worstTap(smallNet())
  t.ok(error < 2e-6, `${layer}: ${error}`)
})
