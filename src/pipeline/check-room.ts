import type { ResolvedFit } from '../domain/fit.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { networksOf } from './fit-networks.ts'
import { groupLayers } from './layer-groups.ts'
import { findNetwork } from './offer.ts'
import type { FindOffer } from './offer.ts'

/**
 * Refuses with `does-not-fit` a request of which a layer's activations would find no room on the disk: better now than when it runs.
 * Gram matrices that happen to be cached are not looked for, since they may be gone by then.
 */
export const checkRoom = ({ config, home }: Pick<PipelineContext, 'config' | 'home'>, request: ResolvedFit, stimuli: number, find: FindOffer = findNetwork): void => {
  const limit = spillBytes(config, home.folders.tmp)
  // Stored activations lie on the disk already.
  const run = networksOf(request).filter((network) => find(network).graph !== null)
  const networks = [...run, ...request.controls.filter((control) => control.name === 'pixels').map((control) => ({ backbone: 'pixels', layers: ['pixels'], pooling: control.pooling }))]
  for (const network of networks) groupLayers(find(network).sizes(network.layers, network.pooling), stimuli, limit)
}
