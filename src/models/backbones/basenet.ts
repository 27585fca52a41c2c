import type { GraphNode, LayerGraph } from '../graph.ts'
import type { ActivationForm } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import type { Family, Parameter, Values } from './variants.ts'
import { choice, numbersOf, series } from './variants.ts'

// BaseNets (Schrimpf et al. 2018): small networks like AlexNet, six convolutions and one linear layer, with their kernels and
// non-linearities varied. The paper gives no table; the usual values are AlexNet's (Krizhevsky 2014) with one convolution more.
const kernels = [11, 5, 3, 3, 3, 3]
const channels = [64, 192, 384, 256, 256, 256]
/** of the first convolution */
const stride = 4
/** the convolutions that a pool of 3 x 3 at stride 2 follows */
const pooled = [1, 2, 6]

const forms: Record<string, ActivationForm> = { elu: 'elu', tanh: 'tanh', sigmoid: 'sigmoid', silu: 'silu', gelu: 'gelu', hardswish: 'hardswish' }

const parameters: readonly Parameter[] = [
  series('kernels', 'side of the filters of each convolution', { least: 1, most: 15, usual: () => kernels, of: 'six', odd: true }),
  series('channels', 'channels of each convolution', { least: 1, most: 1024, usual: () => channels, of: 'six' }),
  choice('nonlinearity', 'what follows each convolution', ['relu', 'relu6', ...Object.keys(forms)]),
  choice('norm', 'a batch norm between each convolution and its non-linearity, or none', ['off', 'batch']),
  choice('pool', 'how places are pooled', ['max', 'average']),
]

const nonlinear = (g: GraphBuilder, name: string, x: GraphNode, how: string): GraphNode =>
  how === 'relu' ? g.relu(name, x) : how === 'relu6' ? g.relu6(name, x) : g.activation(name, x, forms[how])

const build = (id: string, values: Values): LayerGraph => {
  const g = createGraphBuilder({ id, family: 'basenet' })
  const [sides, depths] = [numbersOf(values.kernels), numbersOf(values.channels)]
  let x = g.input
  for (const [i, kernel] of sides.entries()) {
    const k = i + 1
    x = g.conv(`conv${k}`, x, { out: depths[i], kernel, stride: i === 0 ? stride : 1, padding: (kernel - 1) / 2 })
    if (values.norm === 'batch') x = g.batchNorm(`norm${k}`, x)
    x = nonlinear(g, `nonlin${k}`, x, values.nonlinearity)
    if (pooled.includes(k)) x = (values.pool === 'max' ? g.maxPool : g.avgPool)(`pool${k}`, x, { kernel: 3, stride: 2 })
  }
  g.linear('fc', g.flatten('flatten', x, {}), 1000)
  return g.finish({ defaults: sides.map((_, i) => `nonlin${i + 1}`) })
}

export const basenets: Record<string, Family> = { basenet: { parameters, build } }
