import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { kaimingNormalFanOut, torchDefault } from '../init-rules.ts'

// He et al. 2016, Deep residual learning; Xie et al. 2017, ResNeXt; Zagoruyko & Komodakis 2016, Wide ResNet. As in torchvision:
// a bottleneck's stride is on its 3x3 convolution.

interface Version {
  block: 'basic' | 'bottleneck'
  /** blocks in layer1 … layer4 */
  depths: readonly [number, number, number, number]
  groups?: number
  /** channels of a bottleneck's 3x3 convolution per group, as a multiple of 1/64 of the stage's */
  widthPerGroup?: number
}

const versions: Record<string, Version> = {
  resnet18: { block: 'basic', depths: [2, 2, 2, 2] },
  resnet34: { block: 'basic', depths: [3, 4, 6, 3] },
  resnet50: { block: 'bottleneck', depths: [3, 4, 6, 3] },
  resnet101: { block: 'bottleneck', depths: [3, 4, 23, 3] },
  resnet152: { block: 'bottleneck', depths: [3, 8, 36, 3] },
  resnext50_32x4d: { block: 'bottleneck', depths: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 },
  wide_resnet50_2: { block: 'bottleneck', depths: [3, 4, 6, 3], widthPerGroup: 128 },
}

/** [name of conv and norm, out channels, kernel, stride, groups] */
type Step = readonly [number, number, number, number]

/** Convolutions with a ReLU between them, plus the shortcut, then a ReLU. torch has one ReLU module per block, run after every norm. */
const block = (g: GraphBuilder, name: string, x: GraphNode, steps: readonly Step[]): GraphNode => {
  let y = x
  for (const [i, [out, kernel, stride, groups]] of steps.entries()) {
    y = g.conv(`${name}.conv${i + 1}`, y, { out, kernel, stride, padding: (kernel - 1) / 2, groups, bias: false })
    y = g.batchNorm(`${name}.bn${i + 1}`, y)
    if (i < steps.length - 1) y = g.relu(`${name}.relu-t${i}`, y)
  }
  let shortcut = x
  if (x.shape.join() !== y.shape.join()) {
    shortcut = g.conv(`${name}.downsample.0`, x, { out: y.shape[0], kernel: 1, stride: x.shape[1] / y.shape[1], bias: false })
    shortcut = g.batchNorm(`${name}.downsample.1`, shortcut)
    g.tap(`${name}.downsample`, shortcut)
  }
  const out = g.relu(`${name}.relu-t${steps.length - 1}`, g.add(`${name}.add`, y, shortcut))
  g.tap(name, out)
  return out
}

const blockSteps = ({ block: kind, groups = 1, widthPerGroup = 64 }: Version, channels: number, stride: number): Step[] => {
  if (kind === 'basic') return [[channels, 3, stride, 1], [channels, 3, 1, 1]]
  const width = Math.floor((channels * widthPerGroup) / 64) * groups
  return [[width, 1, 1, 1], [width, 3, stride, groups], [channels * 4, 1, 1, 1]]
}

const resnet = (id: string): LayerGraph => {
  const version = versions[id]
  const g = createGraphBuilder({ id, family: 'resnet', init: { conv: kaimingNormalFanOut, linear: torchDefault } })
  let x = g.conv('conv1', g.input, { out: 64, kernel: 7, stride: 2, padding: 3, bias: false })
  x = g.relu('relu', g.batchNorm('bn1', x))
  x = g.maxPool('maxpool', x, { kernel: 3, stride: 2, padding: 1 })
  for (const [i, depth] of version.depths.entries()) {
    const stage = `layer${i + 1}`
    for (let k = 0; k < depth; k++) x = block(g, `${stage}.${k}`, x, blockSteps(version, 64 << i, i > 0 && k === 0 ? 2 : 1))
    g.tap(stage, x)
  }
  x = g.adaptiveAvgPool('avgpool', x, 1)
  g.linear('fc', g.flatten('flatten', x), 1000)
  return g.finish({ defaults: ['relu', 'layer1', 'layer2', 'layer3', 'layer4', 'avgpool'] })
}

export const resnets = Object.fromEntries(Object.keys(versions).map((id) => [id, () => resnet(id)]))
