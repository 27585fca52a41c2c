import type { Source } from '../../domain/rdm.ts'
import type { Tools } from '../../encoding/tools.ts'
import type { PipelineContext } from '../context.ts'
import { heldOutPredictions } from './held-out-predictions.ts'
import { layerActivations } from './layer-activations.ts'
import type { ActivationsWork } from './layer-activations.ts'
import type { Representation } from './representation.ts'
import { responsesOfSites } from './responses-of-sites.ts'

export interface RdmWork extends ActivationsWork {
  tools: Tools
}

/** What a source names, with its weights pinned. */
export const openRepresentation = async (context: PipelineContext, source: Source, work: RdmWork): Promise<{ source: Source; representation: Representation }> => {
  if (source.kind === 'responses') return { source, representation: await responsesOfSites(context, source) }
  if (source.kind === 'predicted') return { source, representation: await heldOutPredictions(context, source) }
  return layerActivations(context, source, work)
}
