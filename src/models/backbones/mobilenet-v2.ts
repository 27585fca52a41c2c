import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { kaimingNormalFanOut, smallNormal } from '../init-rules.ts'

// Sandler et al. 2018, MobileNetV2, Table 2: expansion t, channels c, repeats n, stride s of the first.
const table = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
]

/** Convolution without bias, batch norm, ReLU6: torchvision's modules `.0`, `.1`, `.2` of one container. */
const convNormRelu = (g: GraphBuilder, name: string, x: GraphNode, options: { out: number; kernel: number; stride?: number; groups?: number }): GraphNode => {
  let y = g.conv(`${name}.0`, x, { ...options, padding: (options.kernel - 1) / 2, bias: false })
  y = g.relu6(`${name}.2`, g.batchNorm(`${name}.1`, y))
  g.tap(name, y)
  return y
}

/** An inverted residual: expand, filter depthwise, project linearly; the shortcut where the shape stays. */
const block = (g: GraphBuilder, name: string, x: GraphNode, expansion: number, out: number, stride: number): GraphNode => {
  const hidden = x.shape[0] * expansion
  let part = 0
  let y = expansion === 1 ? x : convNormRelu(g, `${name}.conv.${part++}`, x, { out: hidden, kernel: 1 })
  y = convNormRelu(g, `${name}.conv.${part++}`, y, { out: hidden, kernel: 3, stride, groups: hidden })
  y = g.conv(`${name}.conv.${part++}`, y, { out, kernel: 1, bias: false })
  y = g.batchNorm(`${name}.conv.${part}`, y)
  g.tap(`${name}.conv`, y)
  if (y.shape.join() === x.shape.join()) y = g.add(`${name}.add`, x, y)
  g.tap(name, y)
  return y
}

const mobilenetV2 = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'mobilenet_v2', family: 'mobilenet', init: { conv: kaimingNormalFanOut, linear: smallNormal } })
  let x = convNormRelu(g, 'features.0', g.input, { out: 32, kernel: 3, stride: 2 })
  let i = 1
  for (const { t, c, n, s } of table) for (let k = 0; k < n; k++) x = block(g, `features.${i++}`, x, t, c, k === 0 ? s : 1)
  x = convNormRelu(g, `features.${i}`, x, { out: 1280, kernel: 1 })
  g.tap('features', x)
  // torch's pool is a function here, not a module; it is listed as other families' is.
  x = g.flatten('flatten', g.adaptiveAvgPool('avgpool', x, 1))
  g.tap('classifier.0', x, 'dropout')
  g.tap('classifier', g.linear('classifier.1', x, 1000))
  // A block ends in a linear projection; what follows a non-linearity is the depthwise stage before it, of each stage's last block.
  const depthwise = [3, 6, 10, 13, 16, 17].map((last) => `features.${last}.conv.1`)
  return g.finish({ defaults: ['features.0', 'features.1.conv.0', ...depthwise, 'features.18', 'avgpool'] })
}

export const mobilenetV2s = { mobilenet_v2: mobilenetV2 }
