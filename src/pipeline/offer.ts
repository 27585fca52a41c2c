import type { Pooling } from '../domain/backbone.ts'
import type { FitRequest, NamedNetwork } from '../domain/fit.ts'
import type { LayerGraph } from '../models/graph.ts'
import { getBackbone } from '../models/backbones/index.ts'
import { findLayer } from '../models/graph.ts'
import { pooledShape } from '../models/shapes.ts'
import { layerSizes } from './extract.ts'
import type { LayerSize } from './layer-groups.ts'
import { refuseRandom } from './refuse-random.ts'
import { resolveLayers, resolvePooling, resolveWeights } from './resolve-network.ts'

/** What a request says of one network, or of activations from elsewhere. */
export type SaidNetwork = Pick<FitRequest, 'backbone' | 'weights' | 'seed' | 'layers' | 'pooling'>

/** What can be asked of a backbone or of stored activations, before anything of them is read. */
export interface Offer {
  /** as a request's `backbone` names it */
  readonly id: string
  /** the network that images are run through; null where there are only activations */
  readonly graph: LayerGraph | null
  /** Fills in the defaults and checks every name; `pooling` is what is taken where none is said. `pointer` is '' for the fit's own. */
  choose(said: SaidNetwork, pointer: string, pooling: Pooling): Omit<NamedNetwork, 'name'>
  /** Units of the layers after pooling. */
  sizes(layers: readonly string[], pooling: Pooling): LayerSize[]
  /** Shape of a layer after pooling; null where only its units are known. */
  shape(layer: string, pooling: Pooling): readonly number[] | null
}

/** Finds what a request's `backbone` (and `weights`, where these pin a version) names. Throws `unknown-backbone`. */
export type FindOffer = (said: Pick<SaidNetwork, 'backbone' | 'weights'>, pointer?: string) => Offer

export const networkOffer = (graph: LayerGraph): Offer => ({
  id: graph.id,
  graph,
  choose: (said, pointer, pooling) => {
    refuseRandom(graph, said, pointer)
    return {
      backbone: graph.id,
      weights: resolveWeights(said.weights, `${pointer}/weights`),
      seed: said.seed ?? 0,
      layers: resolveLayers(graph, said.layers, `${pointer}/layers`),
      pooling: resolvePooling(`${pointer}/pooling`, said.pooling ?? pooling),
    }
  },
  sizes: (layers, pooling) => layerSizes({ graph, pooling }, layers),
  shape: (layer, pooling) => pooledShape(findLayer(graph, layer).shape, pooling),
})

/** Finds backbones only. */
export const findNetwork: FindOffer = ({ backbone }, pointer = '') => networkOffer(getBackbone(backbone, `${pointer}/backbone`))
