import type { ResolvedFit } from '../domain/fit.ts'
import { getBackbone } from '../models/backbones/index.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { layerSizes } from './extract.ts'
import { networksOf } from './fit-networks.ts'
import { groupLayers } from './layer-groups.ts'

/**
 * Refuses with `does-not-fit` a request of which a layer's activations would find no room on the disk: better now than when it runs.
 * Gram matrices that happen to be cached are not looked for, since they may be gone by then.
 */
export const checkRoom = ({ config, home }: Pick<PipelineContext, 'config' | 'home'>, request: ResolvedFit, stimuli: number): void => {
  const limit = spillBytes(config, home.folders.tmp)
  const networks = [...networksOf(request), ...request.controls.filter((control) => control.name === 'pixels').map((control) => ({ backbone: 'pixels', layers: ['pixels'], pooling: control.pooling }))]
  for (const network of networks) groupLayers(layerSizes({ graph: getBackbone(network.backbone), pooling: network.pooling }, network.layers), stimuli, limit)
}
