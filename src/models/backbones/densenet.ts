import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { defaultWeightZeroBias, kaimingNormalFanIn } from '../init-rules.ts'

// Huang et al. 2017, Densely connected convolutional networks, Table 1 (bottlenecks of 4 x growth, compression 1/2).
const versions: Record<string, { stem: number; growth: number; depths: readonly number[] }> = {
  densenet121: { stem: 64, growth: 32, depths: [6, 12, 24, 16] },
  densenet161: { stem: 96, growth: 48, depths: [6, 12, 36, 24] },
  densenet169: { stem: 64, growth: 32, depths: [6, 12, 32, 32] },
  densenet201: { stem: 64, growth: 32, depths: [6, 12, 48, 32] },
}

/** A layer's value is its new channels only. */
const denseLayer = (g: GraphBuilder, name: string, x: GraphNode, growth: number): GraphNode => {
  let y = g.relu(`${name}.relu1`, g.batchNorm(`${name}.norm1`, x))
  y = g.conv(`${name}.conv1`, y, { out: 4 * growth, kernel: 1, bias: false })
  y = g.relu(`${name}.relu2`, g.batchNorm(`${name}.norm2`, y))
  y = g.conv(`${name}.conv2`, y, { out: growth, kernel: 3, padding: 1, bias: false })
  g.tap(name, y)
  return y
}

/** Each layer sees the block's input and all earlier layers; the block's value is all of it. */
const denseBlock = (g: GraphBuilder, name: string, x: GraphNode, layers: number, growth: number): GraphNode => {
  let all = x
  for (let k = 1; k <= layers; k++) all = g.concat(`${name}.concat${k}`, [all, denseLayer(g, `${name}.denselayer${k}`, all, growth)])
  g.tap(name, all)
  return all
}

const transition = (g: GraphBuilder, name: string, x: GraphNode): GraphNode => {
  const y = g.conv(`${name}.conv`, g.relu(`${name}.relu`, g.batchNorm(`${name}.norm`, x)), { out: x.shape[0] / 2, kernel: 1, bias: false })
  const out = g.avgPool(`${name}.pool`, y, { kernel: 2, stride: 2 })
  g.tap(name, out)
  return out
}

const densenet = (id: string): LayerGraph => {
  const { stem, growth, depths } = versions[id]
  const g = createGraphBuilder({ id, family: 'densenet', init: { conv: kaimingNormalFanIn, linear: defaultWeightZeroBias } })
  let x = g.conv('features.conv0', g.input, { out: stem, kernel: 7, stride: 2, padding: 3, bias: false })
  x = g.relu('features.relu0', g.batchNorm('features.norm0', x))
  x = g.maxPool('features.pool0', x, { kernel: 3, stride: 2, padding: 1 })
  for (const [i, depth] of depths.entries()) {
    x = denseBlock(g, `features.denseblock${i + 1}`, x, depth, growth)
    if (i < depths.length - 1) x = transition(g, `features.transition${i + 1}`, x)
  }
  x = g.batchNorm('features.norm5', x)
  g.tap('features', x)
  // torch's last ReLU and pool are functions, not modules; they are listed here since the layers that follow a non-linearity are the ones to map from.
  x = g.adaptiveAvgPool('avgpool', g.relu('relu', x), 1)
  g.linear('classifier', g.flatten('flatten', x), 1000)
  return g.finish({ defaults: ['features.relu0', 'features.transition1.relu', 'features.transition2.relu', 'features.transition3.relu', 'relu', 'avgpool'] })
}

export const densenets = Object.fromEntries(Object.keys(versions).map((id) => [id, () => densenet(id)]))
