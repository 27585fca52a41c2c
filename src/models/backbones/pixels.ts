import type { LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'

/** No network at all: its one layer is the image itself, as any backbone gets it. A control. */
const pixels = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'pixels', family: 'pixels' })
  g.tap('pixels', g.input, 'input')
  return g.finish({ defaults: ['pixels'] })
}

export const pixelsControl = { pixels }
