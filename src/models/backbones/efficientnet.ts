import type { GraphNode, LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { kaimingNormalFanOut, uniformByOutputs } from '../init-rules.ts'
import { divisibleBy8, squeezeExcitation } from './squeeze-excitation.ts'

// Tan & Le 2019, EfficientNet, Table 1: expansion, kernel, stride of the first block, channels, blocks.
const table = [
  { expansion: 1, kernel: 3, stride: 1, out: 16, blocks: 1 },
  { expansion: 6, kernel: 3, stride: 2, out: 24, blocks: 2 },
  { expansion: 6, kernel: 5, stride: 2, out: 40, blocks: 2 },
  { expansion: 6, kernel: 3, stride: 2, out: 80, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 1, out: 112, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 2, out: 192, blocks: 4 },
  { expansion: 6, kernel: 3, stride: 1, out: 320, blocks: 1 },
]

/** Width and depth coefficients, and the image side that the published weights were trained at. */
const versions: Record<string, { width: number; depth: number; inputSize: number }> = {
  efficientnet_b0: { width: 1, depth: 1, inputSize: 224 },
  efficientnet_b1: { width: 1, depth: 1.1, inputSize: 240 },
  efficientnet_b2: { width: 1.1, depth: 1.2, inputSize: 288 },
  efficientnet_b3: { width: 1.2, depth: 1.4, inputSize: 300 },
  efficientnet_b4: { width: 1.4, depth: 1.8, inputSize: 380 },
}

interface Convolution {
  out: number
  kernel: number
  stride?: number
  groups?: number
  act?: boolean
}

/** Convolution without bias, batch norm, SiLU: modules `.0`, `.1`, `.2` of one container. */
const convNormSilu = (g: GraphBuilder, name: string, x: GraphNode, { act = true, ...conv }: Convolution): GraphNode => {
  let y = g.batchNorm(`${name}.1`, g.conv(`${name}.0`, x, { ...conv, padding: (conv.kernel - 1) / 2, bias: false }))
  if (act) y = g.activation(`${name}.2`, y, 'silu')
  g.tap(name, y)
  return y
}

/** MBConv: expand, filter depthwise, squeeze and excite, project linearly; the shortcut where the shape stays. */
const block = (g: GraphBuilder, name: string, x: GraphNode, options: { expansion: number; kernel: number; stride: number; out: number }): { value: GraphNode; excited: string } => {
  const { expansion, kernel, stride, out } = options
  const hidden = divisibleBy8(x.shape[0] * expansion)
  let part = 0
  const next = (): string => `${name}.block.${part++}`
  let y = hidden === x.shape[0] ? x : convNormSilu(g, next(), x, { out: hidden, kernel: 1 })
  y = convNormSilu(g, next(), y, { out: hidden, kernel, stride, groups: hidden })
  const excited = next()
  y = squeezeExcitation(g, excited, y, { squeezed: Math.max(1, Math.floor(x.shape[0] / 4)), activation: 'silu', gate: 'sigmoid' })
  y = convNormSilu(g, next(), y, { out, kernel: 1, act: false })
  g.tap(`${name}.block`, y)
  if (y.shape.join() === x.shape.join()) {
    g.tap(`${name}.stochastic_depth`, y, 'dropout')
    y = g.add(`${name}.add`, y, x)
  }
  g.tap(name, y)
  return { value: y, excited }
}

const efficientnet = (id: string): LayerGraph => {
  const { width, depth, inputSize } = versions[id]
  const g = createGraphBuilder({ id, family: 'efficientnet', inputSize, init: { conv: kaimingNormalFanOut, linear: uniformByOutputs } })
  const channels = (base: number): number => divisibleBy8(base * width)
  let x = convNormSilu(g, 'features.0', g.input, { out: channels(32), kernel: 3, stride: 2 })
  const stages: string[] = []
  for (const [s, { blocks, out, ...rest }] of table.entries()) {
    let excited = ''
    for (let k = 0; k < Math.ceil(blocks * depth); k++) {
      const made = block(g, `features.${s + 1}.${k}`, x, { ...rest, out: channels(out), stride: k === 0 ? rest.stride : 1 })
      x = made.value
      excited = made.excited
    }
    g.tap(`features.${s + 1}`, x)
    stages.push(excited)
  }
  x = convNormSilu(g, 'features.8', x, { out: 4 * channels(320), kernel: 1 })
  g.tap('features', x)
  x = g.flatten('flatten', g.adaptiveAvgPool('avgpool', x, 1))
  g.tap('classifier.0', x, 'dropout')
  g.tap('classifier', g.linear('classifier.1', x, 1000))
  // Blocks end in a linear projection: the gated depthwise stage of each stage's last block stands for the stage.
  return g.finish({ defaults: ['features.0', ...stages, 'features.8', 'avgpool'] })
}

export const efficientnets = Object.fromEntries(Object.keys(versions).map((id) => [id, () => efficientnet(id)]))
