import type { RdmRequest, SourceRequest } from '../../domain/rdm.ts'
import type { PipelineContext } from '../context.ts'
import { getFit } from '../fits.ts'
import { invalid } from '../refusals.ts'
import { openOffers } from '../stored-offer.ts'
import { resolveRdm } from './make-rdm.ts'
import type { ResolvedRdm } from './make-rdm.ts'
import { resolveSource } from './resolve-source.ts'

/**
 * The layers that activations are asked of, from the backbone or from activations of elsewhere. Throws where there is no such backbone,
 * version or layer, or where what is said besides means nothing for it.
 */
const layersOffered = async (context: PipelineContext, { dataset, backbone, weights, seed, pooling, layer, layers }: SourceRequest, pointer: string): Promise<string[]> => {
  const said = { backbone: backbone!, weights, seed, pooling, layers: layers ?? [layer!] }
  const find = await openOffers(context, { dataset: dataset!, backbone: said.backbone, weights })
  return find(said, pointer).choose(said, pointer, 'none').layers
}

/** Refuses activations that cannot be had, before a thread is started for them. */
export const checkSource = async (context: PipelineContext, said: SourceRequest, pointer: string): Promise<void> => {
  if (resolveSource(said, pointer).kind === 'activations') await layersOffered(context, said, pointer)
}

const layersPredicted = async (context: PipelineContext, { fit, layers }: SourceRequest): Promise<string[]> => {
  if (!Array.isArray(layers)) return (await getFit(context, fit!)).request.layers
  const twice = layers.find((layer, i) => layers.indexOf(layer) !== i)
  if (layers.length === 0 || twice !== undefined) throw invalid('/of/layers', 'at least one layer, each once', twice ?? layers)
  return layers
}

/** A request for one RDM of each of several layers; or null where it names no `layers`. */
export const requestPerLayer = async (context: PipelineContext, { of, name, ...request }: RdmRequest): Promise<ResolvedRdm[] | null> => {
  const { layers, ...one } = of
  if (layers === undefined) return null
  if (one.layer !== undefined || (one.kind !== 'activations' && one.kind !== 'predicted')) throw invalid('/of/layers', 'said of activations or predicted, and without "layer"', layers)
  resolveSource({ ...one, layer: 'each' })
  const names = one.kind === 'predicted' ? await layersPredicted(context, of) : await layersOffered(context, of, '/of')
  return names.map((layer) => resolveRdm({ ...request, of: { ...one, layer }, name: name === undefined ? undefined : `${name}: ${layer}` }))
}
