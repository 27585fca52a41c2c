import { activationsName } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { ActivationSource } from './activation-source.ts'
import type { PipelineContext } from './context.ts'
import { networkSource } from './network-source.ts'
import { openNetwork } from './networks.ts'
import type { OpenDataset } from './open-dataset.ts'
import { findVersion } from './stored-offer.ts'
import { storedSource } from './stored-source.ts'

/** The activations of a dataset's stimuli that a request means. Throws `weights-missing`, `unknown-backbone`. */
export const openSource = async (
  context: PipelineContext,
  { row, manifest, stimuli }: OpenDataset,
  request: Pick<ResolvedFit, 'backbone' | 'weights' | 'seed'>,
  pooling: Pooling,
): Promise<ActivationSource> =>
  activationsName(request.backbone) === null
    ? networkSource(await openNetwork(context, request, pooling), stimuli)
    : storedSource(context.blobs, await findVersion(context, row.id, request), manifest.stimuli.length, pooling)
