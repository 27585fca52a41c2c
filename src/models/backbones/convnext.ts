import type { GraphNode, LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { normalOf } from '../init-rules.ts'

// Liu et al. 2022, A ConvNet for the 2020s, section 3: blocks and channels of the four stages.
const versions: Record<string, { blocks: readonly number[]; channels: readonly number[] }> = {
  convnext_tiny: { blocks: [3, 3, 9, 3], channels: [96, 192, 384, 768] },
  convnext_small: { blocks: [3, 3, 27, 3], channels: [96, 192, 384, 768] },
  convnext_base: { blocks: [3, 3, 27, 3], channels: [128, 256, 512, 1024] },
}

const EPSILON = 1e-6
const LAYER_SCALE = 1e-6

/** Depthwise 7x7, norm, and two linear layers at each place with a GELU between; scaled per channel and added. */
const block = (g: GraphBuilder, name: string, x: GraphNode): GraphNode => {
  const channels = x.shape[0]
  const scale = g.declareScale(`${name}.layer_scale`, channels, LAYER_SCALE)
  let y = g.conv(`${name}.block.0`, x, { out: channels, kernel: 7, padding: 3, groups: channels })
  y = g.layerNorm(`${name}.block.2`, g.permute(`${name}.block.1`, y, [1, 2, 0]), { channels: 'last', epsilon: EPSILON })
  y = g.activation(`${name}.block.4`, g.linear(`${name}.block.3`, y, 4 * channels), 'gelu')
  y = g.permute(`${name}.block.6`, g.linear(`${name}.block.5`, y, channels), [2, 0, 1])
  g.tap(`${name}.block`, y)
  y = g.scale(`${name}.stochastic_depth`, y, scale)
  y = g.add(`${name}.add`, y, x)
  g.tap(name, y)
  return y
}

const convnext = (id: string): LayerGraph => {
  const { blocks, channels } = versions[id]
  const g = createGraphBuilder({ id, family: 'convnext', init: { conv: normalOf(0.02), linear: normalOf(0.02) } })
  let x = g.conv('features.0.0', g.input, { out: channels[0], kernel: 4, stride: 4 })
  x = g.layerNorm('features.0.1', x, { channels: 'first', epsilon: EPSILON })
  g.tap('features.0', x)
  const stages: string[] = []
  for (const [s, count] of blocks.entries()) {
    if (s > 0) {
      const name = `features.${2 * s}`
      x = g.layerNorm(`${name}.0`, x, { channels: 'first', epsilon: EPSILON })
      x = g.conv(`${name}.1`, x, { out: channels[s], kernel: 2, stride: 2 })
      g.tap(name, x)
    }
    const stage = `features.${2 * s + 1}`
    for (let k = 0; k < count; k++) x = block(g, `${stage}.${k}`, x)
    g.tap(stage, x)
    stages.push(stage)
  }
  g.tap('features', x)
  x = g.layerNorm('classifier.0', g.adaptiveAvgPool('avgpool', x, 1), { channels: 'first', epsilon: EPSILON })
  x = g.flatten('classifier.1', x, { listed: true })
  g.tap('classifier', g.linear('classifier.2', x, 1000))
  return g.finish({ defaults: ['features.0', ...stages, 'avgpool'] })
}

export const convnexts = Object.fromEntries(Object.keys(versions).map((id) => [id, () => convnext(id)]))
