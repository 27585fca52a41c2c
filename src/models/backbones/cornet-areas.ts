import type { GraphNode } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'

// What the CORnets share (Kubilius et al. 2018, 2019): four areas and a decoder.

export const areas = ['V1', 'V2', 'V4', 'IT'] as const

/** The area a tap belongs to; the decoder models none. */
export const areaOf = (layer: string): string | undefined => areas.find((area) => layer === area || layer.startsWith(`${area}.`))

/** An area's output at a time step; at the last step it is also what the area as a whole returns. */
export const tapOutput = (g: GraphBuilder, area: string, x: GraphNode, step: number, steps: number): void => {
  g.tap(`${area}.output-t${step}`, x)
  if (step === steps - 1) g.tap(area, x)
}

export const decoder = (g: GraphBuilder, x: GraphNode): void => {
  const pooled = g.adaptiveAvgPool('decoder.avgpool', x, 1)
  const flat = g.flatten('decoder.flatten', pooled)
  g.tap('decoder.flatten', flat, 'flatten')
  const logits = g.linear('decoder.linear', flat, 1000)
  g.tap('decoder.output', logits, 'other')
  g.tap('decoder', logits)
}
