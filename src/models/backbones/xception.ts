import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { kaimingNormalFanOut, torchDefault } from '../init-rules.ts'
import { globalPool } from './global-pool.ts'
import { inceptionPreprocessing } from './inception-parts.ts'

// Chollet 2017, Xception, Figure 5, with the names of timm's `legacy_xception`: the channels of each block's separable convolutions, and
// whether the block halves the sides.
const blocks: readonly { out: readonly number[]; narrows: boolean }[] = [
  { out: [128, 128], narrows: true },
  { out: [256, 256], narrows: true },
  { out: [728, 728], narrows: true },
  ...Array.from({ length: 8 }, () => ({ out: [728, 728, 728], narrows: false })),
  { out: [728, 1024], narrows: true },
]

/** A 3x3 filter per channel, then 1x1 across channels; no norm or ReLU between them. */
const separable = (g: GraphBuilder, name: string, x: GraphNode, out: number): GraphNode => {
  const y = g.conv(`${name}.conv1`, x, { out: x.shape[0], kernel: 3, padding: 1, groups: x.shape[0], bias: false })
  const z = g.conv(`${name}.pointwise`, y, { out, kernel: 1, bias: false })
  g.tap(name, z)
  return z
}

const block = (g: GraphBuilder, name: string, x: GraphNode, { out, narrows }: (typeof blocks)[number], startsWithRelu: boolean): GraphNode => {
  // The shortcut's parameters come first in the checkpoint.
  const shortcut = narrows ? g.batchNorm(`${name}.skipbn`, g.conv(`${name}.skip`, x, { out: out.at(-1)!, kernel: 1, stride: 2, bias: false })) : x
  let y = x
  let part = 0
  for (const [i, channels] of out.entries()) {
    if (i > 0 || startsWithRelu) y = g.relu(`${name}.rep.${part++}`, y)
    y = separable(g, `${name}.rep.${part++}`, y, channels)
    y = g.batchNorm(`${name}.rep.${part++}`, y)
  }
  if (narrows) y = g.maxPool(`${name}.rep.${part}`, y, { kernel: 3, stride: 2, padding: 1 })
  g.tap(`${name}.rep`, y)
  const sum = g.add(`${name}.add`, y, shortcut)
  g.tap(name, sum)
  return sum
}

const xception = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'xception', family: 'xception', inputSize: 299, init: { conv: kaimingNormalFanOut, linear: torchDefault }, preprocessing: inceptionPreprocessing(299) })
  const normed = (i: number, x: GraphNode): GraphNode => g.relu(`act${i}`, g.batchNorm(`bn${i}`, x))
  let x = normed(1, g.conv('conv1', g.input, { out: 32, kernel: 3, stride: 2, bias: false }))
  x = normed(2, g.conv('conv2', x, { out: 64, kernel: 3, bias: false }))
  for (const [i, table] of blocks.entries()) x = block(g, `block${i + 1}`, x, table, i > 0)
  x = normed(3, separable(g, 'conv3', x, 1536))
  x = normed(4, separable(g, 'conv4', x, 2048))
  g.linear('fc', globalPool(g, x), 1000)
  // A block ends in a sum: what follows a non-linearity is the ReLU that the next block begins with.
  const rectified = [2, 3, 4, 6, 8, 10, 12].map((next) => `block${next}.rep.0`)
  return g.finish({ defaults: ['act2', ...rectified, 'act3', 'act4', 'global_pool'] })
}

export const xceptions = { xception }
