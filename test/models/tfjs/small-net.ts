import { createGraphBuilder } from '../../../src/models/graph-builder.ts'
import type { LayerGraph } from '../../../src/models/graph.ts'
import { parameterReader } from '../../../src/models/parts.ts'
import { createTfjsNetwork } from '../../../src/models/tfjs/network.ts'
import type { TfjsNetwork } from '../../../src/models/tfjs/network.ts'
import { parametersOf } from '../../../src/models/tfjs/parameters.ts'
import { referenceParams } from '../../helper/golden.ts'

/** A network of 12 x 12 images with every kind of operation but zeros; test/reference/tfjs/make_gradients.py is the same in PyTorch. */
export const smallNet = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'small', family: 'test', inputSize: 12 })
  let x = g.relu('relu', g.batchNorm('norm', g.conv('conv', g.input, { out: 8, kernel: 3, stride: 2, padding: 1 })))
  x = g.conv('depthwise', x, { out: 16, kernel: 3, padding: 1, groups: 8, bias: false })
  x = g.activation('hardswish', g.groupNorm('groupnorm', x, { groups: 4 }), 'hardswish')
  x = g.activation('silu', g.conv('grouped', x, { out: 8, kernel: [1, 3], padding: [0, 1], groups: 2 }), 'silu')
  const pooled = g.maxPool('pool', x, { kernel: 3, stride: 2, ceil: true })
  const gate = g.activation('sigmoid', g.conv('squeeze', g.adaptiveAvgPool('global', pooled, 1), { out: 8, kernel: 1 }), 'sigmoid')
  x = g.add('sum', pooled, g.gate('gated', pooled, gate))
  g.tap('sum', x)
  let y = g.layerNorm('layernorm', g.permute('last', x, [1, 2, 0]), { channels: 'last', epsilon: 1e-6 })
  y = g.linear('narrow', g.activation('gelu', g.linear('wide', y, 12), 'gelu'), 8)
  const scale = g.declareScale('layer_scale', 8, 1)
  x = g.add('block', x, g.scale('scaled', g.permute('first', y, [2, 0, 1]), scale))
  g.tap('block', x)
  const surround = g.square('surroundSquared', g.conv('surround', x, { out: 4, kernel: 3, padding: 2, dilation: 2 }))
  const energy = g.root('energy', g.add('energySquared', g.square('squared', g.channels('middle', x, 2, 6)), surround))
  const ratio = g.divide('ratio', energy, g.activation('divisor', g.conv('single', x, { out: 1, kernel: 1 }), 'sigmoid'))
  x = g.shuffle('shuffled', g.concat('joined', [ratio, g.channels('end', x, 4, 8)]), 2)
  x = g.avgPool('average', x, { kernel: 2, stride: 1, padding: 1 })
  x = g.relu6('relu6', g.conv('deep', x, { out: 6, kernel: 3, padding: 1 }))
  g.linear('classifier', g.flatten('flat', g.adaptiveAvgPool('grid', x, 3)), 5)
  return g.finish({ defaults: ['pool'] })
}

/** A network with its parameters set, on the backend that this thread has loaded; by default the reference fill. */
export const openNetwork = (graph: LayerGraph, params: ReadonlyMap<string, Float32Array> = referenceParams(graph)): TfjsNetwork => {
  const network = createTfjsNetwork(graph, { normalise: false })
  const parameter = parameterReader(graph, params)
  for (const name of parametersOf(graph.nodes)) network.setParameter(name, parameter(name))
  return network
}

/** Largest difference over the largest expected value; NaN counts as infinite. */
export const relativeError = (found: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (found.length !== expected.length) return Infinity
  const scale = Array.from(expected).reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  const worst = Array.from(expected).reduce((max, value, i) => Math.max(max, Number.isNaN(found[i]) ? Infinity : Math.abs(found[i] - value)), 0)
  return worst / scale
}
