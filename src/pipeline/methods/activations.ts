import type { Pooling } from '../../domain/backbone.ts'
import { modelName } from '../../domain/given-model.ts'
import { BACKBONE_DEGREES } from '../../domain/placement.ts'
import type { Placement } from '../../domain/placement.ts'
import type { MethodsFacts } from './facts.ts'
import { cite, count, join, line, list, name, names, paragraph } from './inline.ts'
import type { Line, Section } from './inline.ts'
import { backbonePaper } from './references.ts'

interface Network {
  name?: string
  backbone: string
  weights: string
  preprocessing: unknown
  pooling: Pooling
  layers: readonly string[]
}

/** The fit's network and those alongside, with what provenance tells of them. */
export const networksOf = ({ request, scores: { provenance } }: MethodsFacts): Network[] => {
  const alongside = (provenance.alongside ?? []) as Omit<Network, 'layers'>[]
  const { backbone, pooling, layers } = request
  return [
    { backbone, pooling, layers, weights: String(provenance.weights), preprocessing: provenance.preprocessing },
    ...alongside.map((network, i) => ({ ...network, layers: request.alongside?.[i]?.layers ?? [] })),
  ]
}

const weightsOf = ({ weights }: Network, stored: MethodsFacts['weights']): Line => {
  if (weights === 'none') return line`It has no weights.`
  const [kind, value, revision] = weights.split(':')
  if (kind === 'random') return line`Its weights are random (seed ${value}, initialiser revision ${revision}), not trained.`
  const known = stored[value]
  const origin = known === undefined ? [] : line`, from ${name(known.source)}, licence ${known.licence === null ? 'not known' : name(known.licence)}`
  return line`Its weights have ${kind} ${name(value)}${origin}.`
}

interface Steps {
  resize?: { width: number; height: number; filter: string }
  mean?: number[]
  std?: number[]
  revision?: number
}

const preprocessingOf = ({ preprocessing }: Network): Line => {
  if (preprocessing === null || preprocessing === undefined) return line`How images became its input is not known here.`
  const { resize, mean, std, revision, ...others } = preprocessing as Steps
  const size = resize === undefined ? '' : `resized to ${resize.width} x ${resize.height} pixels (${resize.filter}, antialiased as Pillow does it), `
  const rest = Object.keys(others).length === 0 ? [] : line`; ${name(JSON.stringify(others))}`
  return line`Images were ${size}scaled to [0, 1] and normalised per channel with means ${(mean ?? []).join(', ')} and standard deviations ${(std ?? []).join(', ')} (preprocessing revision ${revision ?? 'unknown'})${rest}.`
}

const pooled = (pooling: Pooling): string => (pooling === 'none' ? 'Activations were not pooled.' : `Activations were averaged to a ${pooling.grid} x ${pooling.grid} grid.`)

/** Activations that were computed with other tools. */
const fromElsewhere = ({ backbone }: Network): boolean => backbone.startsWith('activations:')

const describe = (network: Network, facts: MethodsFacts): Line[] => {
  const paper = backbonePaper(network.backbone)
  const units = new Map(facts.scores.layers.map(({ layer, units }) => [layer, units]))
  const own = (layer: string): string => (network.name === undefined ? layer : `${network.name}:${layer}`)
  const layers = line`Layers (${network.layers.length}): ${join(network.layers.map((layer) => line`${name(layer)}${units.has(own(layer)) ? ` (${count(units.get(own(layer))!, 'unit')})` : ''}`), ', ')}.`
  if (fromElsewhere(network)) return [line`Activations ${name(network.backbone.slice('activations:'.length))} were computed with other tools and uploaded (${names(network.weights.split(':'))}).`, line`${pooled(network.pooling)}`, layers]
  return [
    line`Backbone ${name(network.backbone)}${paper === null ? '' : line` ${cite(paper)}`}${network.name === undefined || network.name === network.backbone ? '' : line`, here called ${name(network.name)}`}${modelName(network.backbone) === null ? '' : ', a network of our own, given as an ONNX model'}.`,
    weightsOf(network, facts.weights),
    preprocessingOf(network),
    line`${pooled(network.pooling)}`,
    layers,
  ]
}

const reduced = ({ scores: { reduction } }: MethodsFacts): Line => {
  if (reduction === undefined) return []
  const layers = reduction.layers.filter(({ units, dimensions }) => units > dimensions)
  if (layers.length === 0) return line`No layer needed fewer dimensions than it has units.`
  const how = layers.map(({ layer, dimensions, distortion }) => line`${name(layer)} to ${dimensions} (distances between stimuli kept to ${distortion.toFixed(3)})`)
  return line`Activations were reduced by a very sparse random projection ${cite('li2006projections')}, seed ${reduction.seed}: ${join(how, ', ')}.`
}

const placed: Record<Placement, string> = {
  fill: 'images fill the input',
  degrees: `centred in a field of ${BACKBONE_DEGREES} degrees of visual angle, which is padded with the background or cuts the image`,
  'pad-square': 'padded to a square with the background',
}

/** Backbones, weights, preprocessing, layers and pooling. */
export const activationsSection = (facts: MethodsFacts): Section => {
  const networks = networksOf(facts)
  const { dataset, request } = facts
  const size = dataset.visualDegrees === null ? 'their size in degrees of visual angle is not known' : `they spanned ${dataset.visualDegrees} degrees of visual angle`
  return {
    heading: 'Activations',
    blocks: [
      ...networks.map((network) => list(describe(network, facts))),
      paragraph(networks.every(fromElsewhere) ? [] : line`Placement of the stimuli: ${name(request.placement)} (${placed[request.placement]}; ${size}).`, networks.length > 1 ? line`${count(networks.length, 'network')} were fitted, and the layers of all compared.` : [], reduced(facts)),
    ],
  }
}
