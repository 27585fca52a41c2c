import type { GraphNode, LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import type { GraphBuilder } from '../graph-builder.ts'

// Ma et al. 2018, ShuffleNet V2, Table 5: channels of stages 2 to 4 and of conv5, by width.
const versions: Record<string, { stages: readonly number[]; last: number }> = {
  'shufflenet_v2_x0_5': { stages: [48, 96, 192], last: 1024 },
  'shufflenet_v2_x1_0': { stages: [116, 232, 464], last: 1024 },
  'shufflenet_v2_x1_5': { stages: [176, 352, 704], last: 1024 },
  'shufflenet_v2_x2_0': { stages: [244, 488, 976], last: 2048 },
}
/** Blocks of stages 2 to 4. */
const depths = [4, 8, 4]

const depthwise = (g: GraphBuilder, name: string, x: GraphNode, stride: number): GraphNode =>
  g.conv(name, x, { out: x.shape[0], kernel: 3, stride, padding: 1, groups: x.shape[0], bias: false })

const pointwise = (g: GraphBuilder, name: string, x: GraphNode, out: number): GraphNode => g.conv(name, x, { out, kernel: 1, bias: false })

/** The branch with three convolutions. */
const longBranch = (g: GraphBuilder, name: string, x: GraphNode, out: number, stride: number): GraphNode => {
  let y = g.relu(`${name}.2`, g.batchNorm(`${name}.1`, pointwise(g, `${name}.0`, x, out)))
  y = g.batchNorm(`${name}.4`, depthwise(g, `${name}.3`, y, stride))
  y = g.relu(`${name}.7`, g.batchNorm(`${name}.6`, pointwise(g, `${name}.5`, y, out)))
  g.tap(name, y)
  return y
}

/** Where a stage begins, both branches see all channels. */
const downsample = (g: GraphBuilder, name: string, x: GraphNode, out: number): GraphNode => {
  let y = g.batchNorm(`${name}.branch1.1`, depthwise(g, `${name}.branch1.0`, x, 2))
  y = g.relu(`${name}.branch1.4`, g.batchNorm(`${name}.branch1.3`, pointwise(g, `${name}.branch1.2`, y, out / 2)))
  g.tap(`${name}.branch1`, y)
  return g.concat(`${name}.concat`, [y, longBranch(g, `${name}.branch2`, x, out / 2, 2)])
}

/** Elsewhere half of the channels pass as they are. */
const unit = (g: GraphBuilder, name: string, x: GraphNode): GraphNode => {
  const half = x.shape[0] / 2
  const kept = g.channels(`${name}.kept`, x, 0, half)
  const filtered = longBranch(g, `${name}.branch2`, g.channels(`${name}.filtered`, x, half, 2 * half), half, 1)
  return g.concat(`${name}.concat`, [kept, filtered])
}

const shufflenet = (id: string): LayerGraph => {
  const { stages, last } = versions[id]
  const g = createGraphBuilder({ id, family: 'shufflenet' })
  let x = g.conv('conv1.0', g.input, { out: 24, kernel: 3, stride: 2, padding: 1, bias: false })
  x = g.relu('conv1.2', g.batchNorm('conv1.1', x))
  g.tap('conv1', x)
  x = g.maxPool('maxpool', x, { kernel: 3, stride: 2, padding: 1 })
  for (const [s, out] of stages.entries()) {
    const stage = `stage${s + 2}`
    for (let k = 0; k < depths[s]; k++) {
      const name = `${stage}.${k}`
      x = g.shuffle(`${name}.shuffle`, k === 0 ? downsample(g, name, x, out) : unit(g, name, x), 2)
      g.tap(name, x)
    }
    g.tap(stage, x)
  }
  x = g.relu('conv5.2', g.batchNorm('conv5.1', pointwise(g, 'conv5.0', x, last)))
  g.tap('conv5', x)
  // torch's pool is a mean and no module; it is listed as other families' is.
  g.linear('fc', g.flatten('flatten', g.adaptiveAvgPool('avgpool', x, 1)), 1000)
  return g.finish({ defaults: ['conv1', 'stage2', 'stage3', 'stage4', 'conv5', 'avgpool'] })
}

export const shufflenets = Object.fromEntries(Object.keys(versions).map((id) => [id, () => shufflenet(id)]))
