import type { GraphNode, LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { inceptionInit, inceptionPreprocessing, normedConv } from './inception-parts.ts'
import type { GraphBuilder } from '../graph-builder.ts'

// Szegedy et al. 2015, Going deeper with convolutions, Table 1: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection. The published
// weights are of a version with batch norm, whose third branch has 3x3 filters.
const modules: Record<string, readonly [number, number, number, number, number, number]> = {
  inception3a: [64, 96, 128, 16, 32, 32],
  inception3b: [128, 128, 192, 32, 96, 64],
  inception4a: [192, 96, 208, 16, 48, 64],
  inception4b: [160, 112, 224, 24, 64, 64],
  inception4c: [128, 128, 256, 24, 64, 64],
  inception4d: [112, 144, 288, 32, 64, 64],
  inception4e: [256, 160, 320, 32, 128, 128],
  inception5a: [256, 160, 320, 32, 128, 128],
  inception5b: [384, 192, 384, 48, 128, 128],
}

const inception = (g: GraphBuilder, name: string, x: GraphNode): GraphNode => {
  const [single, reduce3, out3, reduce5, out5, pooled] = modules[name]
  const direct = normedConv(g, `${name}.branch1`, x, { out: single, kernel: 1 })
  const reduced = (branch: string, reduce: number, out: number): GraphNode => {
    const y = normedConv(g, `${branch}.1`, normedConv(g, `${branch}.0`, x, { out: reduce, kernel: 1 }), { out, kernel: 3, padding: 1 })
    g.tap(branch, y)
    return y
  }
  const middle = [reduced(`${name}.branch2`, reduce3, out3), reduced(`${name}.branch3`, reduce5, out5)]
  const pool = g.maxPool(`${name}.branch4.0`, x, { kernel: 3, stride: 1, padding: 1, ceil: true })
  const projected = normedConv(g, `${name}.branch4.1`, pool, { out: pooled, kernel: 1 })
  g.tap(`${name}.branch4`, projected)
  const y = g.concat(`${name}.concat`, [direct, ...middle, projected])
  g.tap(name, y)
  return y
}

const googlenet = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'googlenet', family: 'inception', init: inceptionInit, preprocessing: inceptionPreprocessing(224) })
  const pool = (name: string, x: GraphNode, kernel: number): GraphNode => g.maxPool(name, x, { kernel, stride: 2, ceil: true })
  let x = normedConv(g, 'conv1', g.input, { out: 64, kernel: 7, stride: 2, padding: 3 })
  x = normedConv(g, 'conv2', pool('maxpool1', x, 3), { out: 64, kernel: 1 })
  x = pool('maxpool2', normedConv(g, 'conv3', x, { out: 192, kernel: 3, padding: 1 }), 3)
  for (const name of Object.keys(modules)) {
    if (name === 'inception4a') x = pool('maxpool3', x, 3)
    if (name === 'inception5a') x = pool('maxpool4', x, 2)
    x = inception(g, name, x)
  }
  x = g.flatten('flatten', g.adaptiveAvgPool('avgpool', x, 1))
  g.tap('dropout', x, 'dropout')
  g.linear('fc', x, 1000)
  return g.finish({ defaults: ['conv1', 'conv3', ...Object.keys(modules), 'avgpool'] })
}

export const googlenets = { googlenet }
