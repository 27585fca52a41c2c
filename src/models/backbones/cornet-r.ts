import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { areaOf, areas, decoder, tapOutput } from './cornet-areas.ts'

// CORnet-R and -RT: areas that add their own last output to their input, over five time steps. In R an area sees what the one below
// gives at the same step; in RT ("biologically unrolled") what it gave at the step before.
const steps = 5
const groups = 32

const inputs = {
  V1: { out: 64, kernel: 7, stride: 4, padding: 3 },
  V2: { out: 128, kernel: 3, stride: 2, padding: 1 },
  V4: { out: 256, kernel: 3, stride: 2, padding: 1 },
  IT: { out: 512, kernel: 3, stride: 2, padding: 1 },
}

type Area = (typeof areas)[number]

/** What an area makes of its input. The image never changes, so that V1's is the same at every step and computed once. */
const bottomUp = (g: GraphBuilder, area: Area, below: GraphNode, suffix: string): GraphNode => {
  let x = g.conv(`${area}.conv_input${suffix}`, below, { ...inputs[area], params: `${area}.conv_input`, listed: false })
  x = g.groupNorm(`${area}.norm_input${suffix}`, x, { groups, params: `${area}.norm_input`, listed: false })
  return g.relu(`${area}.nonlin_input${suffix}`, x, { listed: false })
}

const update = (g: GraphBuilder, area: Area, input: GraphNode, state: GraphNode | undefined, t: number): GraphNode => {
  let x = state ? g.add(`${area}.add-t${t}`, input, state) : input
  x = g.conv(`${area}.conv1-t${t}`, x, { out: x.shape[0], kernel: 3, padding: 1, bias: false, params: `${area}.conv1` })
  x = g.groupNorm(`${area}.norm1-t${t}`, x, { groups, params: `${area}.norm1` })
  x = g.relu(`${area}.nonlin1-t${t}`, x)
  tapOutput(g, area, x, t, steps)
  return x
}

const declareParams = (g: GraphBuilder): void => {
  let channels = 3
  for (const area of areas) {
    const { out } = inputs[area]
    g.declareConv(`${area}.conv_input`, channels, inputs[area])
    g.declareNorm(`${area}.norm_input`, out)
    g.declareConv(`${area}.conv1`, out, { out, kernel: 3, bias: false })
    g.declareNorm(`${area}.norm1`, out)
    channels = out
  }
}

const cornet = (id: string, unrolled: boolean): LayerGraph => {
  const g = createGraphBuilder({ id, family: 'cornet' })
  declareParams(g)
  const image = bottomUp(g, 'V1', g.input, '')
  let before: Partial<Record<Area, GraphNode>> = {}
  for (let t = 0; t < steps; t++) {
    const now: Partial<Record<Area, GraphNode>> = {}
    let side = image.shape[1]
    for (const [i, area] of areas.entries()) {
      const below = (unrolled ? before : now)[areas[i - 1]]
      if (i > 0) side /= 2
      // At the first step nothing has reached the areas above V1.
      const input = i === 0 ? image : t === 0 ? g.zeros(`${area}.zeros`, [inputs[area].out, side, side]) : bottomUp(g, area, below!, `-t${t}`)
      now[area] = update(g, area, input, before[area], t)
    }
    before = now
  }
  decoder(g, before.IT!)
  return g.finish({ defaults: areas.map((area) => `${area}.output-t${steps - 1}`), regionOf: areaOf })
}

export const cornetRs = { cornet_r: () => cornet('cornet_r', false), cornet_rt: () => cornet('cornet_rt', true) }
