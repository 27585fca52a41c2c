import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { normalOf } from '../init-rules.ts'
import { inceptionInit, inceptionPreprocessing, normedConv } from './inception-parts.ts'

// Szegedy et al. 2016, Rethinking the Inception architecture, Table 1 and Figures 5 to 7, in the version whose weights are published.

type Side = number | readonly [number, number]
/** A chain of convolutions `NAME_1`, `NAME_2`, … of (channels, kernel, stride); those of stride 1 keep the sides. */
type Chain = readonly (readonly [out: number, kernel: Side, stride?: number])[]

const padding = (kernel: Side, stride: number): [number, number] => {
  const [rows, columns] = typeof kernel === 'number' ? [kernel, kernel] : kernel
  return stride === 1 ? [(rows - 1) / 2, (columns - 1) / 2] : [0, 0]
}

const conv = (g: GraphBuilder, name: string, x: GraphNode, [out, kernel, stride = 1]: Chain[number]): GraphNode =>
  normedConv(g, name, x, { out, kernel, stride, padding: padding(kernel, stride) })

const chain = (g: GraphBuilder, name: string, x: GraphNode, links: Chain): GraphNode => links.reduce((y, link, i) => conv(g, `${name}_${i + 1}`, y, link), x)

const join = (g: GraphBuilder, name: string, branches: GraphNode[]): GraphNode => {
  const y = g.concat(`${name}.concat`, branches)
  g.tap(name, y)
  return y
}

/** The mean's padding counts. */
const pooled = (g: GraphBuilder, name: string, x: GraphNode, out: number): GraphNode =>
  conv(g, `${name}.branch_pool`, g.avgPool(`${name}.pool`, x, { kernel: 3, stride: 1, padding: 1, listed: false }), [out, 1])

const narrowed = (g: GraphBuilder, name: string, x: GraphNode): GraphNode => g.maxPool(`${name}.pool`, x, { kernel: 3, stride: 2, listed: false })

/** 35 x 35 */
const moduleA = (g: GraphBuilder, name: string, x: GraphNode, pool: number): GraphNode =>
  join(g, name, [
    conv(g, `${name}.branch1x1`, x, [64, 1]),
    chain(g, `${name}.branch5x5`, x, [[48, 1], [64, 5]]),
    chain(g, `${name}.branch3x3dbl`, x, [[64, 1], [96, 3], [96, 3]]),
    pooled(g, name, x, pool),
  ]) // prettier-ignore

/** 35 x 35 to 17 x 17 */
const reductionA = (g: GraphBuilder, name: string, x: GraphNode): GraphNode =>
  join(g, name, [conv(g, `${name}.branch3x3`, x, [384, 3, 2]), chain(g, `${name}.branch3x3dbl`, x, [[64, 1], [96, 3], [96, 3, 2]]), narrowed(g, name, x)])

/** 17 x 17, with filters of 7 taken apart */
const moduleB = (g: GraphBuilder, name: string, x: GraphNode, inner: number): GraphNode =>
  join(g, name, [
    conv(g, `${name}.branch1x1`, x, [192, 1]),
    chain(g, `${name}.branch7x7`, x, [[inner, 1], [inner, [1, 7]], [192, [7, 1]]]),
    chain(g, `${name}.branch7x7dbl`, x, [[inner, 1], [inner, [7, 1]], [inner, [1, 7]], [inner, [7, 1]], [192, [1, 7]]]),
    pooled(g, name, x, 192),
  ]) // prettier-ignore

/** 17 x 17 to 8 x 8 */
const reductionB = (g: GraphBuilder, name: string, x: GraphNode): GraphNode =>
  join(g, name, [
    chain(g, `${name}.branch3x3`, x, [[192, 1], [320, 3, 2]]),
    chain(g, `${name}.branch7x7x3`, x, [[192, 1], [192, [1, 7]], [192, [7, 1]], [192, 3, 2]]),
    narrowed(g, name, x),
  ]) // prettier-ignore

/** The same input by a row and by a column. */
const forked = (g: GraphBuilder, name: string, x: GraphNode): GraphNode =>
  g.concat(`${name}.concat`, [conv(g, `${name}a`, x, [384, [1, 3]]), conv(g, `${name}b`, x, [384, [3, 1]])])

/** 8 x 8 */
const moduleC = (g: GraphBuilder, name: string, x: GraphNode): GraphNode =>
  join(g, name, [
    conv(g, `${name}.branch1x1`, x, [320, 1]),
    forked(g, `${name}.branch3x3_2`, conv(g, `${name}.branch3x3_1`, x, [384, 1])),
    forked(g, `${name}.branch3x3dbl_3`, chain(g, `${name}.branch3x3dbl`, x, [[448, 1], [384, 3]])),
    pooled(g, name, x, 192),
  ]) // prettier-ignore

/** The auxiliary classifier's parameters, which the published file has and only training uses. */
const declareAuxiliary = (g: GraphBuilder): void => {
  const declare = (name: string, from: number, out: number, kernel: number, std: number): void => {
    g.declareConv(`${name}.conv`, from, { out, kernel, bias: false, init: normalOf(std)() })
    g.declareBatchNorm(`${name}.bn`, out)
  }
  declare('AuxLogits.conv0', 768, 128, 1, 0.1)
  declare('AuxLogits.conv1', 128, 768, 5, 0.01)
  g.declareLinear('AuxLogits.fc', 768, 1000, { init: { ...inceptionInit.linear([1000, 768]), weight: { kind: 'normal', std: 0.001 } } })
}

const inceptionV3 = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'inception_v3', family: 'inception', inputSize: 299, init: inceptionInit, preprocessing: inceptionPreprocessing(299) })
  const pool = (name: string, x: GraphNode): GraphNode => g.maxPool(name, x, { kernel: 3, stride: 2 })
  let x = conv(g, 'Conv2d_1a_3x3', g.input, [32, 3, 2])
  x = normedConv(g, 'Conv2d_2a_3x3', x, { out: 32, kernel: 3 })
  x = pool('maxpool1', conv(g, 'Conv2d_2b_3x3', x, [64, 3]))
  x = conv(g, 'Conv2d_3b_1x1', x, [80, 1])
  x = pool('maxpool2', normedConv(g, 'Conv2d_4a_3x3', x, { out: 192, kernel: 3 }))
  for (const [name, channels] of [['Mixed_5b', 32], ['Mixed_5c', 64], ['Mixed_5d', 64]] as const) x = moduleA(g, name, x, channels)
  x = reductionA(g, 'Mixed_6a', x)
  for (const [name, inner] of [['Mixed_6b', 128], ['Mixed_6c', 160], ['Mixed_6d', 160], ['Mixed_6e', 192]] as const) x = moduleB(g, name, x, inner)
  declareAuxiliary(g)
  x = reductionB(g, 'Mixed_7a', x)
  for (const name of ['Mixed_7b', 'Mixed_7c']) x = moduleC(g, name, x)
  x = g.adaptiveAvgPool('avgpool', x, 1)
  g.tap('dropout', x, 'dropout')
  g.linear('fc', g.flatten('flatten', x), 1000)
  const stages = ['5b', '5d', '6a', '6b', '6c', '6e', '7a', '7b', '7c'].map((stage) => `Mixed_${stage}`)
  return g.finish({ defaults: ['Conv2d_2b_3x3', 'Conv2d_4a_3x3', ...stages, 'avgpool'] })
}

export const inceptionV3s = { inception_v3: inceptionV3 }
