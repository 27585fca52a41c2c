import { activationsName } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { placementOf } from '../domain/placement.ts'
import type { ImagePlacement, Placement } from '../domain/placement.ts'
import type { ActivationSource } from './activation-source.ts'
import type { PipelineContext } from './context.ts'
import { networkSource } from './network-source.ts'
import { openNetwork } from './networks.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { StimulusFiles } from './stimulus-files.ts'
import { findVersion } from './stored-offer.ts'
import { storedSource } from './stored-source.ts'

const placed = (stimuli: StimulusFiles, placement: ImagePlacement | null): StimulusFiles => (placement === null ? stimuli : { ...stimuli, placement })

/** The activations of a dataset's stimuli that a request means. Throws `weights-missing`, `unknown-backbone`. */
export const openSource = async (
  context: PipelineContext,
  { row, manifest, stimuli }: OpenDataset,
  request: Pick<ResolvedFit, 'backbone' | 'weights' | 'seed'>,
  pooling: Pooling,
  placement: Placement = 'fill',
): Promise<ActivationSource> =>
  activationsName(request.backbone) === null
    ? networkSource(await openNetwork(context, request, pooling), placed(stimuli, placementOf(placement, manifest)))
    : storedSource(context.blobs, await findVersion(context, row.id, request), manifest.stimuli.length, pooling)
