import type { GraphNode, LayerGraph } from '../graph.ts'
import type { ConvOptions, GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { decoder, tapOutput } from './cornet-areas.ts'
import type { Family, Parameter, Values } from './variants.ts'
import { choice, numbersOf, series, wholeNumber } from './variants.ts'

// CORnet-S (Kubilius et al. 2019): a recurrent bottleneck per area. Convolutions are shared by the time steps, batch norms are not. What
// the paper's study of circuitry varies are parameters; the usual values are the published network.

/** Areas in the ventral stream's order, with their channels and time steps. IT is one area or up to three from posterior to anterior. */
const known: Record<string, { channels: number; times: number; region: string }> = {
  V1: { channels: 64, times: 1, region: 'V1' },
  V2: { channels: 128, times: 2, region: 'V2' },
  V4: { channels: 256, times: 4, region: 'V4' },
  pIT: { channels: 512, times: 2, region: 'IT' },
  cIT: { channels: 512, times: 2, region: 'IT' },
  aIT: { channels: 512, times: 2, region: 'IT' },
  IT: { channels: 512, times: 2, region: 'IT' },
}

const areasOf = (chosen: Values): string[] => chosen.areas.split('-')

const areas: Parameter = {
  name: 'areas',
  meaning: 'areas after one another, each of which halves the sides',
  accepted: `V1 and one or more of ${Object.keys(known).slice(1).join(', ')}, in this order, with hyphens between them (IT, or its parts)`,
  usual: () => 'V1-V2-V4-IT',
  accepts: (text) => {
    const names = text.split('-')
    const ordered = Object.keys(known).filter((area) => names.includes(area)).join('-') === text
    return ordered && names.length > 1 && names[0] === 'V1' && !(names.includes('IT') && names.some((area) => area !== 'IT' && known[area].region === 'IT'))
  },
}

const perArea = (what: 'channels' | 'times') => (chosen: Values): number[] => areasOf(chosen).map((area) => known[area][what])

const times = series('times', 'time steps of each area', { least: 1, most: 10, usual: perArea('times'), of: 'one per area' })

const parameters: readonly Parameter[] = [
  areas,
  series('channels', 'channels of each area', { least: 1, most: 1024, usual: perArea('channels'), of: 'one per area' }),
  // V1's convolutions see the image once, in every circuit.
  { ...times, accepted: `1 for V1 and then ${times.accepted}`, accepts: (text, chosen) => times.accepts(text, chosen) && text.startsWith('1-') },
  wholeNumber('bottleneck', "inner channels over an area's own", { least: 1, most: 8, usual: 4 }),
  choice('skip', "whether a step's input is added to its result", ['on', 'off']),
  choice('convolutions', 'three, of 1x1, 3x3 and 1x1, or two of 3x3', ['3', '2']),
  choice('norm', 'a batch norm for each time step, or one that the steps share', ['step', 'shared']),
  choice('gate', "whether the step's input gates what is added, unit by unit", ['off', 'on']),
]

interface Circuit {
  bottleneck: number
  skip: boolean
  convolutions: 2 | 3
  sharedNorm: boolean
  gate: boolean
}

const v1 = (g: GraphBuilder, out: number): GraphNode => {
  let x = g.conv('V1.conv1', g.input, { out, kernel: 7, stride: 2, padding: 3, bias: false })
  x = g.relu('V1.nonlin1', g.batchNorm('V1.norm1', x))
  x = g.maxPool('V1.pool', x, { kernel: 3, stride: 2, padding: 1 })
  x = g.conv('V1.conv2', x, { out, kernel: 3, padding: 1, bias: false })
  x = g.relu('V1.nonlin2', g.batchNorm('V1.norm2', x))
  tapOutput(g, 'V1', x, 0, 1)
  return x
}

/** What a step computes, in order; the one of stride 2 halves the sides at the first step. */
const chainOf = ({ bottleneck, convolutions }: Circuit, out: number): ConvOptions[] => {
  const inner = out * bottleneck
  const wide = { kernel: 3, padding: 1, bias: false }
  if (convolutions === 2) return [{ ...wide, out: inner, stride: 2 }, { ...wide, out }] // prettier-ignore
  return [{ out: inner, kernel: 1, bias: false }, { ...wide, out: inner, stride: 2 }, { out, kernel: 1, bias: false }] // prettier-ignore
}

const recurrentArea = (g: GraphBuilder, area: string, input: GraphNode, out: number, times: number, circuit: Circuit): GraphNode => {
  const chain = chainOf(circuit, out)
  const convInput = { out, kernel: 1, bias: false }
  const convSkip = { out, kernel: 1, stride: 2, bias: false }
  // In the order of the checkpoint, which is not that of use.
  g.declareConv(`${area}.conv_input`, input.shape[0], convInput)
  if (circuit.skip) {
    g.declareConv(`${area}.skip`, out, convSkip)
    g.declareBatchNorm(`${area}.norm_skip`, out)
  }
  let channels = out
  for (const [i, conv] of chain.entries()) {
    g.declareConv(`${area}.conv${i + 1}`, channels, conv)
    channels = conv.out
  }
  if (circuit.gate) g.declareConv(`${area}.gate`, out, { out, kernel: 1 })

  const norm = (name: string, x: GraphNode, t: number): GraphNode =>
    circuit.sharedNorm ? g.batchNorm(`${area}.${name}-t${t}`, x, { params: `${area}.${name}` }) : g.batchNorm(`${area}.${name}_${t}`, x)

  let x = g.conv(`${area}.conv_input`, input, convInput)
  for (let t = 0; t < times; t++) {
    const first = t === 0
    const skip = first && circuit.skip ? g.batchNorm(`${area}.norm_skip`, g.conv(`${area}.skip`, x, convSkip)) : x
    let y = x
    for (const [i, conv] of chain.entries()) {
      const k = i + 1
      if (i > 0) y = g.relu(`${area}.nonlin${i}-t${t}`, y)
      y = g.conv(`${area}.conv${k}-t${t}`, y, { ...conv, stride: first ? conv.stride : 1, params: `${area}.conv${k}` })
      y = norm(`norm${k}`, y, t)
    }
    if (circuit.gate) {
      const opening = g.conv(`${area}.gate-t${t}`, x, { out, kernel: 1, stride: first ? 2 : 1, params: `${area}.gate` })
      y = g.gate(`${area}.gated-t${t}`, y, g.activation(`${area}.nonlin_gate-t${t}`, opening, 'sigmoid'))
    }
    if (circuit.skip) y = g.add(`${area}.add-t${t}`, y, skip)
    x = g.relu(`${area}.nonlin${chain.length}-t${t}`, y)
    tapOutput(g, area, x, t, times)
  }
  return x
}

const build = (id: string, values: Values): LayerGraph => {
  const g = createGraphBuilder({ id, family: 'cornet' })
  const circuit: Circuit = {
    bottleneck: Number(values.bottleneck),
    skip: values.skip === 'on',
    convolutions: values.convolutions === '2' ? 2 : 3,
    sharedNorm: values.norm === 'shared',
    gate: values.gate === 'on',
  }
  const [names, channels, times] = [areasOf(values), numbersOf(values.channels), numbersOf(values.times)]
  let x = v1(g, channels[0])
  for (const [i, area] of names.entries()) if (i > 0) x = recurrentArea(g, area, x, channels[i], times[i], circuit)
  decoder(g, x)
  const regionOf = (layer: string): string | undefined => known[names.find((area) => layer === area || layer.startsWith(`${area}.`)) ?? '']?.region
  return g.finish({ defaults: names.map((area, i) => `${area}.output-t${times[i] - 1}`), regionOf })
}

export const cornetSs: Record<string, Family> = { cornet_s: { parameters, build } }
