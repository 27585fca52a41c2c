import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { samePadding } from '../shapes.ts'
import { globalPool } from './global-pool.ts'
import { inceptionPreprocessing } from './inception-parts.ts'

// Liu et al. 2018, Progressive Neural Architecture Search: the cell of Figure 1 in the large ImageNet model of Table 5, with the names of
// timm's `pnasnet5large`. Each cell takes the outputs of the two cells before it.
const cells: readonly { name: string; out: number; narrows: boolean }[] = [
  { name: 'cell_stem_1', out: 108, narrows: true },
  ...[0, 1, 2, 3].map((i) => ({ name: `cell_${i}`, out: 216, narrows: false })),
  ...[4, 5, 6, 7].map((i) => ({ name: `cell_${i}`, out: 432, narrows: i === 4 })),
  ...[8, 9, 10, 11].map((i) => ({ name: `cell_${i}`, out: 864, narrows: i === 8 })),
]
const epsilon = 1e-3

/** Side of the result: the input's, or half of it rounded up. */
type Stride = 1 | 2

/** A filter per channel with TensorFlow's padding: an odd row and column go to the end. */
const depthwise = (g: GraphBuilder, name: string, x: GraphNode, kernel: number, stride: Stride): GraphNode => {
  const [before, after] = samePadding(x.shape[1], kernel, stride)
  const options = { out: x.shape[0], kernel, stride, groups: x.shape[0], bias: false }
  if (before === after) return g.conv(name, x, { ...options, padding: before })
  return g.conv(name, g.pad(`${name}.pad`, x, before, after), options)
}

/** A max pool's padding never wins, so that a partial last window stands for the odd row and column. */
const pooled = (g: GraphBuilder, name: string, x: GraphNode, stride: Stride): GraphNode => {
  const [padding] = samePadding(x.shape[1], 3, stride)
  return g.maxPool(name, x, { kernel: 3, stride, padding, ceil: true })
}

/** ReLU, 1x1 convolution, norm. */
const projected = (g: GraphBuilder, name: string, x: GraphNode, out: number, stride: Stride = 1): GraphNode => {
  const y = g.conv(`${name}.conv`, g.relu(`${name}.act`, x), { out, kernel: 1, stride, bias: false })
  const z = g.batchNorm(`${name}.bn`, y, { epsilon })
  g.tap(name, z)
  return z
}

/** The separable convolutions of the search space: each is applied twice, the second time at stride 1. */
const separable = (g: GraphBuilder, name: string, x: GraphNode, options: { kernel: number; stride?: Stride; middle?: number; out?: number }): GraphNode => {
  const { kernel, stride = 1, out = x.shape[0], middle = x.shape[0] } = options
  let y = x
  for (const [i, channels] of [middle, out].entries()) {
    const k = i + 1
    y = g.relu(`${name}.act_${k}`, y)
    y = depthwise(g, `${name}.separable_${k}.depthwise_conv2d`, y, kernel, i === 0 ? stride : 1)
    y = g.conv(`${name}.separable_${k}.pointwise_conv2d`, y, { out: channels, kernel: 1, bias: false })
    g.tap(`${name}.separable_${k}`, y)
    y = g.batchNorm(`${name}.bn_sep_${k}`, y, { epsilon })
  }
  g.tap(name, y)
  return y
}

/** Half of the channels from the even rows and columns, half from the odd ones. */
const factorised = (g: GraphBuilder, name: string, x: GraphNode, out: number): GraphNode => {
  const rectified = g.relu(`${name}.act`, x)
  const path = (part: string, from: GraphNode): GraphNode => {
    const even = g.avgPool(`${name}.${part}.avgpool`, from, { kernel: 1, stride: 2 })
    const y = g.conv(`${name}.${part}.conv`, even, { out: out / 2, kernel: 1, bias: false })
    g.tap(`${name}.${part}`, y)
    return y
  }
  const first = path('path_1', rectified)
  const shifted = g.pad(`${name}.path_2.pad`, rectified, -1, 1, {})
  const y = g.batchNorm(`${name}.final_path_bn`, g.concat(`${name}.concat`, [first, path('path_2', shifted)]), { epsilon })
  g.tap(name, y)
  return y
}

/** The five blocks, of two branches each; what they are made of where the stem differs is `stem`. */
const combine = (g: GraphBuilder, name: string, left: GraphNode, right: GraphNode, stride: Stride, stem: boolean): GraphNode => {
  const branch = (i: number, side: 'left' | 'right'): string => `${name}.comb_iter_${i}_${side}`
  const sum = (i: number, a: GraphNode, b: GraphNode): GraphNode => g.add(`${name}.comb_iter_${i}`, a, b)
  // The stem's left input is the image's first convolution, which its branches narrow to the cell's channels.
  const narrowed = stem ? { middle: right.shape[0], out: right.shape[0] } : {}
  const widePool = (at: string): GraphNode => {
    const y = g.conv(`${at}.conv`, pooled(g, `${at}.max_pool`, left, stride), { out: right.shape[0], kernel: 1, bias: false })
    const z = g.batchNorm(`${at}.bn`, y, { epsilon })
    g.tap(at, z)
    return z
  }
  const b0 = sum(0, separable(g, branch(0, 'left'), left, { kernel: 5, stride, ...narrowed }), stem ? widePool(branch(0, 'right')) : pooled(g, branch(0, 'right'), left, stride))
  const b1 = sum(1, separable(g, branch(1, 'left'), right, { kernel: 7, stride }), pooled(g, branch(1, 'right'), right, stride))
  const b2 = sum(2, separable(g, branch(2, 'left'), right, { kernel: 5, stride }), separable(g, branch(2, 'right'), right, { kernel: 3, stride }))
  const b3 = sum(3, separable(g, branch(3, 'left'), b2, { kernel: 3 }), pooled(g, branch(3, 'right'), right, stride))
  const b4 = separable(g, branch(4, 'left'), left, { kernel: 3, stride, ...narrowed })
  const y = g.concat(`${name}.concat`, [b0, b1, b2, b3, sum(4, b4, stride === 2 ? projected(g, branch(4, 'right'), right, right.shape[0], 2) : right)])
  g.tap(name, y)
  return y
}

const cell = (g: GraphBuilder, name: string, before: GraphNode, x: GraphNode, out: number, narrows: boolean): GraphNode => {
  const larger = before.shape[1] !== x.shape[1]
  const left = (larger ? factorised : projected)(g, `${name}.conv_prev_1x1`, before, out)
  return combine(g, name, left, projected(g, `${name}.conv_1x1`, x, out), narrows ? 2 : 1, false)
}

const pnasnet = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'pnasnet5large', family: 'pnasnet', inputSize: 331, preprocessing: inceptionPreprocessing(331) })
  const first = g.batchNorm('conv_0.bn', g.conv('conv_0.conv', g.input, { out: 96, kernel: 3, stride: 2, bias: false }), { epsilon })
  g.tap('conv_0', first)
  let before = first
  let x = combine(g, 'cell_stem_0', first, projected(g, 'cell_stem_0.conv_1x1', first, 54), 2, true)
  for (const { name, out, narrows } of cells) [before, x] = [x, cell(g, name, before, x, out, narrows)]
  x = globalPool(g, g.relu('act', x))
  g.tap('head_drop', x, 'dropout')
  g.linear('last_linear', x, 1000)
  // A cell ends in sums: what follows a non-linearity is the ReLU that the next cell begins with.
  const rectified = ['stem_1', '0', '1', '2', '4', '6', '8', '10'].map((next) => `cell_${next}.conv_1x1.act`)
  return g.finish({ defaults: [...rectified, 'act', 'global_pool'] })
}

export const pnasnets = { pnasnet5large: pnasnet }
