import type { GraphNode, LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { kaimingNormalFanOut, smallNormal } from '../init-rules.ts'
import { divisibleBy8, squeezeExcitation } from './squeeze-excitation.ts'

type NonLinearity = 'relu' | 'hardswish'
interface Row {
  kernel: number
  hidden: number
  out: number
  squeeze: boolean
  act: NonLinearity
  stride: number
}

const row = (kernel: number, hidden: number, out: number, squeeze: boolean, act: NonLinearity, stride: number): Row => ({ kernel, hidden, out, squeeze, act, stride })

// Howard et al. 2019, Searching for MobileNetV3, Tables 1 and 2: kernel, expanded size, channels, squeeze-and-excite, non-linearity, stride.
const versions = {
  mobilenet_v3_large: {
    table: [
      row(3, 16, 16, false, 'relu', 1),
      row(3, 64, 24, false, 'relu', 2),
      row(3, 72, 24, false, 'relu', 1),
      row(5, 72, 40, true, 'relu', 2),
      row(5, 120, 40, true, 'relu', 1),
      row(5, 120, 40, true, 'relu', 1),
      row(3, 240, 80, false, 'hardswish', 2),
      row(3, 200, 80, false, 'hardswish', 1),
      row(3, 184, 80, false, 'hardswish', 1),
      row(3, 184, 80, false, 'hardswish', 1),
      row(3, 480, 112, true, 'hardswish', 1),
      row(3, 672, 112, true, 'hardswish', 1),
      row(5, 672, 160, true, 'hardswish', 2),
      row(5, 960, 160, true, 'hardswish', 1),
      row(5, 960, 160, true, 'hardswish', 1),
    ],
    last: 960,
    head: 1280,
    stages: [3, 6, 10, 12, 15],
  },
  mobilenet_v3_small: {
    table: [
      row(3, 16, 16, true, 'relu', 2),
      row(3, 72, 24, false, 'relu', 2),
      row(3, 88, 24, false, 'relu', 1),
      row(5, 96, 40, true, 'hardswish', 2),
      row(5, 240, 40, true, 'hardswish', 1),
      row(5, 240, 40, true, 'hardswish', 1),
      row(5, 120, 48, true, 'hardswish', 1),
      row(5, 144, 48, true, 'hardswish', 1),
      row(5, 288, 96, true, 'hardswish', 2),
      row(5, 576, 96, true, 'hardswish', 1),
      row(5, 576, 96, true, 'hardswish', 1),
    ],
    last: 576,
    head: 1024,
    stages: [3, 6, 8, 11],
  },
}

const EPSILON = 1e-3

interface Convolution {
  out: number
  kernel: number
  stride?: number
  groups?: number
  act?: NonLinearity
}

/** Convolution without bias, batch norm, non-linearity: modules `.0`, `.1`, `.2` of one container. */
const convNormAct = (g: GraphBuilder, name: string, x: GraphNode, { act, ...conv }: Convolution): GraphNode => {
  let y = g.batchNorm(`${name}.1`, g.conv(`${name}.0`, x, { ...conv, padding: (conv.kernel - 1) / 2, bias: false }), { epsilon: EPSILON })
  if (act !== undefined) y = act === 'relu' ? g.relu(`${name}.2`, y) : g.activation(`${name}.2`, y, 'hardswish')
  g.tap(name, y)
  return y
}

/** An inverted residual; answers its value and the tap of its last non-linearity. */
const block = (g: GraphBuilder, name: string, x: GraphNode, { kernel, hidden, out, squeeze, act, stride }: Row): { value: GraphNode; depthwise: string } => {
  let part = 0
  const next = (): string => `${name}.block.${part++}`
  let y = hidden === x.shape[0] ? x : convNormAct(g, next(), x, { out: hidden, kernel: 1, act })
  const depthwise = next()
  y = convNormAct(g, depthwise, y, { out: hidden, kernel, stride, groups: hidden, act })
  if (squeeze) y = squeezeExcitation(g, next(), y, { squeezed: divisibleBy8(hidden / 4), activation: 'relu', gate: 'hardsigmoid' })
  y = convNormAct(g, next(), y, { out, kernel: 1 })
  g.tap(`${name}.block`, y)
  if (y.shape.join() === x.shape.join()) y = g.add(`${name}.add`, y, x)
  g.tap(name, y)
  return { value: y, depthwise }
}

const mobilenetV3 = (id: keyof typeof versions): LayerGraph => {
  const { table, last, head, stages } = versions[id]
  const g = createGraphBuilder({ id, family: 'mobilenet', init: { conv: kaimingNormalFanOut, linear: smallNormal } })
  let x = convNormAct(g, 'features.0', g.input, { out: 16, kernel: 3, stride: 2, act: 'hardswish' })
  const depthwise: string[] = []
  for (const [i, entry] of table.entries()) {
    const made = block(g, `features.${i + 1}`, x, entry)
    x = made.value
    depthwise.push(made.depthwise)
  }
  const end = `features.${table.length + 1}`
  x = convNormAct(g, end, x, { out: last, kernel: 1, act: 'hardswish' })
  g.tap('features', x)
  x = g.flatten('flatten', g.adaptiveAvgPool('avgpool', x, 1))
  x = g.activation('classifier.1', g.linear('classifier.0', x, head), 'hardswish')
  g.tap('classifier.2', x, 'dropout')
  g.tap('classifier', g.linear('classifier.3', x, 1000))
  // Blocks end in a linear projection: the depthwise non-linearity of each stage's last block stands for the stage.
  return g.finish({ defaults: ['features.0', depthwise[0], ...stages.map((stage) => depthwise[stage - 1]), end, 'avgpool', 'classifier.1'] })
}

export const mobilenetV3s = {
  mobilenet_v3_large: () => mobilenetV3('mobilenet_v3_large'),
  mobilenet_v3_small: () => mobilenetV3('mobilenet_v3_small'),
}
