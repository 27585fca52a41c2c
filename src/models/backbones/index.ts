import type { BackboneParameter } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import type { LayerGraph } from '../graph.ts'
import { nearest } from '../nearest-names.ts'
import { sizeOf } from '../shapes.ts'
import { alexnets } from './alexnet.ts'
import { basenets } from './basenet.ts'
import { convnexts } from './convnext.ts'
import { cornetRs } from './cornet-r.ts'
import { cornetSs } from './cornet-s.ts'
import { cornetZs } from './cornet-z.ts'
import { densenets } from './densenet.ts'
import { efficientnets } from './efficientnet.ts'
import { googlenets } from './googlenet.ts'
import { hmaxes } from './hmax.ts'
import { inceptionV3s } from './inception-v3.ts'
import { mobilenetV2s } from './mobilenet-v2.ts'
import { mobilenetV3s } from './mobilenet-v3.ts'
import { pixelsControl } from './pixels.ts'
import { pnasnets } from './pnasnet.ts'
import { resnets } from './resnet.ts'
import { shufflenets } from './shufflenet.ts'
import { squeezenets } from './squeezenet.ts'
import type { Family } from './variants.ts'
import { readVariant, usualValues } from './variants.ts'
import { v1Gabors } from './v1-gabor.ts'
import { vggs } from './vgg.ts'
import { xceptions } from './xception.ts'

/** Every backbone's id and how to build its graph. A new family is one file and one line here. */
const makers: Record<string, () => LayerGraph> = {
  ...pixelsControl,
  ...v1Gabors,
  ...alexnets,
  ...vggs,
  ...resnets,
  ...squeezenets,
  ...densenets,
  ...mobilenetV2s,
  ...mobilenetV3s,
  ...efficientnets,
  ...googlenets,
  ...inceptionV3s,
  ...xceptions,
  ...pnasnets,
  ...shufflenets,
  ...convnexts,
  ...cornetZs,
  ...cornetRs,
}

/** Backbones with parameters, by the id of their usual form. */
const families: Record<string, Family> = { ...cornetSs, ...basenets, ...hmaxes }

/** What timm calls them today. */
const otherNames: ReadonlyMap<string, string> = new Map([['legacy_xception', 'xception']])

/** Variants kept, the earliest first: names come from requests, and there are as many as anyone can write. */
const MAX_VARIANTS = 32
const variants = new Map<string, LayerGraph>()
const built = new Map<string, LayerGraph>()

/** Ids of all backbones, of families with parameters the usual form. */
export const backboneIds: readonly string[] = [...Object.keys(makers), ...Object.keys(families)]

/** What may be varied of a backbone, or of a variant of one; empty for most. */
export const parametersOf = (id: string): BackboneParameter[] => {
  const [base] = id.split('+')
  if (!Object.hasOwn(families, base)) return []
  const usual = usualValues(families[base])
  return families[base].parameters.map(({ name, meaning, accepted }) => ({ name, meaning, accepted, default: usual[name] }))
}

/** The largest published backbone has 144 million parameters. */
const MAX_PARAMS = 250e6

const checkSize = ({ id, params }: LayerGraph, pointer: string): void => {
  const count = params.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  if (count > MAX_PARAMS)
    throw new VentralError('invalid-value', `${id} would have ${Math.round(count / 1e6)} million parameters; at most ${MAX_PARAMS / 1e6} are taken. Choose fewer channels.`, [
      { pointer, expected: `at most ${MAX_PARAMS / 1e6} million parameters`, found: `${Math.round(count / 1e6)} million` },
    ])
}

const variant = (base: string, parts: readonly string[], pointer: string): LayerGraph => {
  const { id, values } = readVariant(base, parts, families[base], pointer)
  const kept = id === base ? built : variants
  const known = kept.get(id)
  if (known) return known
  const graph = families[base].build(id, values)
  checkSize(graph, pointer)
  kept.set(id, graph)
  if (variants.size > MAX_VARIANTS) variants.delete(variants.keys().next().value!)
  return graph
}

/**
 * The backbone's layer graph, built once per thread; `graph.id` is the one name of it. VentralError unknown-backbone, with the nearest
 * ids, when there is none; invalid-value where a variant is asked for that cannot be.
 */
export const getBackbone = (id: string, pointer = '/backbone'): LayerGraph => {
  const known = built.get(id)
  if (known) return known
  const [name, ...parts] = id.split('+')
  const base = otherNames.get(name) ?? name
  if (Object.hasOwn(families, base)) return variant(base, parts, pointer)
  if (!Object.hasOwn(makers, base)) {
    throw new VentralError(
      'unknown-backbone',
      `There is no backbone "${base}". The nearest are ${nearest(base, backboneIds).join(', ')}; GET /backbones lists all.`,
      [{ pointer, expected: 'an id that GET /backbones lists', found: id }],
    )
  }
  if (parts.length > 0)
    throw new VentralError('invalid-value', `${base} has no parameters to vary; ${Object.keys(families).join(', ')} have.`, [{ pointer, expected: base, found: id }])
  const graph = built.get(base) ?? makers[base]()
  built.set(base, graph)
  return graph
}

/** All backbones' graphs, without variants. */
export const listBackbones = (): LayerGraph[] => backboneIds.map((id) => getBackbone(id))
