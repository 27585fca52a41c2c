import { VentralError } from '../domain/errors.ts'
import type { ReductionPlan, ResolvedFit } from '../domain/fit.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { networksOf } from './fit-networks.ts'
import { gigabytes, groupLayers } from './layer-groups.ts'
import type { LayerSize } from './layer-groups.ts'
import { findNetwork } from './offer.ts'
import type { FindOffer } from './offer.ts'
import { dimensionsOf } from './primal/reduction.ts'

/**
 * Refuses with `does-not-fit` a request of which a layer's activations would find no room on the disk: better now than when it runs.
 * Gram matrices that happen to be cached are not looked for, since they may be gone by then.
 */
export const checkRoom = ({ config, home }: Pick<PipelineContext, 'config' | 'home'>, request: ResolvedFit, stimuli: number, find: FindOffer = findNetwork): void => {
  const limit = spillBytes(config, home.folders.tmp)
  if (request.reduction) {
    checkReducedRoom(networksOf(request).flatMap((network) => find(network).sizes(network.layers, network.pooling)), stimuli, request.reduction, limit)
    return
  }
  // Stored activations lie on the disk already.
  const run = networksOf(request).filter((network) => find(network).graph !== null)
  const networks = [...run, ...request.controls.filter((control) => control.name === 'pixels').map((control) => ({ backbone: 'pixels', layers: ['pixels'], pooling: control.pooling }))]
  for (const network of networks) groupLayers(find(network).sizes(network.layers, network.pooling), stimuli, limit)
}

/** The same for reduced activations, which stay on the disk, all layers of them, until the fit ends. */
export const checkReducedRoom = (sizes: readonly LayerSize[], stimuli: number, reduction: ReductionPlan, limit: number): void => {
  const bytes = sizes.reduce((sum, { units }) => sum + 4 * stimuli * dimensionsOf(units, reduction), 0)
  if (bytes <= limit) return
  throw new VentralError('does-not-fit', `The reduced activations of ${sizes.length} layers need ${gigabytes(bytes)} of disk, and ${gigabytes(limit)} may be used. Ask for fewer layers or "reduction": {"dimensions": …}, or raise VENTRAL_SPILL_GB.`, [
    { pointer: '/layers', expected: `at most ${gigabytes(limit)}`, found: gigabytes(bytes) },
  ])
}
