import type { LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { areaOf, areas, decoder, tapOutput } from './cornet-areas.ts'

// CORnet-Z: per area one convolution, ReLU and pooling; no recurrence.
const blocks = {
  V1: { out: 64, kernel: 7, stride: 2 },
  V2: { out: 128, kernel: 3, stride: 1 },
  V4: { out: 256, kernel: 3, stride: 1 },
  IT: { out: 512, kernel: 3, stride: 1 },
}

const cornetZ = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'cornet_z', family: 'cornet' })
  let x = g.input
  for (const area of areas) {
    x = g.conv(`${area}.conv`, x, { ...blocks[area], padding: Math.floor(blocks[area].kernel / 2) })
    x = g.relu(`${area}.nonlin`, x)
    x = g.maxPool(`${area}.pool`, x, { kernel: 3, stride: 2, padding: 1 })
    tapOutput(g, area, x, 0, 1)
  }
  decoder(g, x)
  return g.finish({ defaults: areas.map((area) => `${area}.output-t0`), regionOf: areaOf })
}

export const cornetZs = { cornet_z: cornetZ }
