import type { LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import type { GraphNode } from '../graph.ts'
import { kaimingUniformFanIn, smallNormal, torchDefault } from '../init-rules.ts'

// Iandola et al. 2016, SqueezeNet: AlexNet-level accuracy with 50x fewer parameters; versions 1.0 and 1.1 as in torchvision.

/** [squeeze, expand] channels of a fire module; the expansion has as many 1x1 as 3x3 filters. */
type Fire = readonly [number, number]
type Stage = 'pool' | Fire

const versions: Record<string, { conv: { out: number; kernel: number }; stages: Stage[] }> = {
  squeezenet1_0: {
    conv: { out: 96, kernel: 7 },
    stages: ['pool', [16, 64], [16, 64], [32, 128], 'pool', [32, 128], [48, 192], [48, 192], [64, 256], 'pool', [64, 256]],
  },
  squeezenet1_1: {
    conv: { out: 64, kernel: 3 },
    stages: ['pool', [16, 64], [16, 64], 'pool', [32, 128], [32, 128], 'pool', [48, 192], [48, 192], [64, 256], [64, 256]],
  },
}

const fire = (g: GraphBuilder, name: string, x: GraphNode, [squeeze, expand]: Fire): GraphNode => {
  const squeezed = g.relu(`${name}.squeeze_activation`, g.conv(`${name}.squeeze`, x, { out: squeeze, kernel: 1 }))
  const expanded1 = g.relu(`${name}.expand1x1_activation`, g.conv(`${name}.expand1x1`, squeezed, { out: expand, kernel: 1 }))
  const expanded3 = g.relu(`${name}.expand3x3_activation`, g.conv(`${name}.expand3x3`, squeezed, { out: expand, kernel: 3, padding: 1 }))
  const out = g.concat(`${name}.concat`, [expanded1, expanded3])
  g.tap(name, out)
  return out
}

const squeezenet = (id: string): LayerGraph => {
  const { conv, stages } = versions[id]
  const g = createGraphBuilder({ id, family: 'squeezenet', init: { conv: kaimingUniformFanIn, linear: torchDefault } })
  let x = g.relu('features.1', g.conv('features.0', g.input, { ...conv, stride: 2 }))
  const fires: string[] = []
  for (const [i, stage] of stages.entries()) {
    const name = `features.${i + 2}`
    x = stage === 'pool' ? g.maxPool(name, x, { kernel: 3, stride: 2, ceil: true }) : fire(g, name, x, stage)
    if (stage !== 'pool') fires.push(name)
  }
  g.tap('features', x)
  g.tap('classifier.0', x, 'dropout')
  x = g.relu('classifier.2', g.conv('classifier.1', x, { out: 1000, kernel: 1, init: smallNormal() }))
  x = g.adaptiveAvgPool('classifier.3', x, 1)
  g.tap('classifier', x)
  return g.finish({ defaults: ['features.1', ...fires] })
}

export const squeezenets = Object.fromEntries(Object.keys(versions).map((id) => [id, () => squeezenet(id)]))
