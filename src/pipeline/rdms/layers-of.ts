import type { RdmRequest, SourceRequest } from '../../domain/rdm.ts'
import { getBackbone } from '../../models/backbones/index.ts'
import type { PipelineContext } from '../context.ts'
import { getFit } from '../fits.ts'
import { invalid } from '../refusals.ts'
import { resolveLayers } from '../resolve-network.ts'
import { resolveRdm } from './make-rdm.ts'
import type { ResolvedRdm } from './make-rdm.ts'

const namesOf = async (context: PipelineContext, { kind, layers, backbone, fit }: SourceRequest): Promise<string[]> => {
  if (Array.isArray(layers)) {
    if (layers.length === 0) throw invalid('/of/layers', 'at least one layer', layers)
    const twice = layers.find((layer, i) => layers.indexOf(layer) !== i)
    if (twice !== undefined) throw invalid('/of/layers', 'layers named once', twice)
    return layers
  }
  if (kind === 'predicted' && fit !== undefined) return (await getFit(context, fit)).request.layers
  return backbone === undefined ? [''] : resolveLayers(getBackbone(backbone), layers, '/of/layers')
}

/** A request for one RDM of each of several layers; or null where it names no `layers`. */
export const requestPerLayer = async (context: PipelineContext, { of, name, ...request }: RdmRequest): Promise<ResolvedRdm[] | null> => {
  const { layers, ...one } = of
  if (layers === undefined) return null
  if (one.layer !== undefined || (one.kind !== 'activations' && one.kind !== 'predicted')) throw invalid('/of/layers', 'said of activations or predicted, and without "layer"', layers)
  const names = await namesOf(context, of)
  return names.map((layer) => resolveRdm({ ...request, of: { ...one, layer: layer === '' ? undefined : layer }, name: name === undefined ? undefined : `${name}: ${layer}` }))
}
