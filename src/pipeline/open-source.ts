import type { Pooling } from '../domain/backbone.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { ActivationSource } from './activation-source.ts'
import type { PipelineContext } from './context.ts'
import { networkSource } from './network-source.ts'
import { openNetwork } from './networks.ts'
import type { OpenDataset } from './open-dataset.ts'

/** The activations of a dataset's stimuli that a request means. Throws `weights-missing`, `unknown-backbone`. */
export const openSource = async (
  context: PipelineContext,
  { stimuli }: OpenDataset,
  request: Pick<ResolvedFit, 'backbone' | 'weights' | 'seed'>,
  pooling: Pooling,
): Promise<ActivationSource> => networkSource(await openNetwork(context, request, pooling), stimuli)
