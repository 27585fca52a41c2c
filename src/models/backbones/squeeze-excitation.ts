import type { ActivationForm, GraphNode } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'

/** Channels as the MobileNet papers round them: to the nearest multiple of 8, but not down by more than a tenth. */
export const divisibleBy8 = (channels: number): number => {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8)
  return rounded < 0.9 * channels ? rounded + 8 : rounded
}

/** Hu et al. 2018, Squeeze-and-excitation: each channel is weighed by a gate that two 1x1 convolutions compute from all channels' means. */
export const squeezeExcitation = (
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  { squeezed, activation, gate }: { squeezed: number; activation: 'relu' | ActivationForm; gate: ActivationForm },
): GraphNode => {
  let s = g.conv(`${name}.fc1`, g.adaptiveAvgPool(`${name}.avgpool`, x, 1), { out: squeezed, kernel: 1 })
  s = activation === 'relu' ? g.relu(`${name}.activation`, s) : g.activation(`${name}.activation`, s, activation)
  s = g.activation(`${name}.scale_activation`, g.conv(`${name}.fc2`, s, { out: x.shape[0], kernel: 1 }), gate)
  const y = g.gate(`${name}.gated`, x, s)
  g.tap(name, y)
  return y
}
