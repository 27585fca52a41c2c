import { findLayer } from '../../models/graph.ts'
import { channelMeans, channelsFirst, mapSides, pickChannels, weightedSum, weightsOfClass } from '../../models/inside/maps.ts'
import { openTfjsBackbone } from '../../models/tfjs/backbone.ts'
import type { Network } from '../extract.ts'
import type { ClassMapPlan } from './class-maps.ts'

/** One image whose classes are to be mapped. */
export interface MappedImage {
  /** (3, S, S), RGB in [0, 1] */
  pixels: Float32Array
  /** of the plan's layer, in its own order */
  activations: Float32Array
}

export interface ClassMapper {
  /** A class's map over the places of the layer, row by row. */
  map: (image: MappedImage, index: number) => Promise<Float32Array>
  close: () => Promise<void>
}

/** CAM (Zhou et al. 2016): the class's weights of the last linear layer on its maps, or, where there is a map per class, that map. */
const camMapper = async (network: Network, { head, layer }: ClassMapPlan): Promise<ClassMapper> => {
  const info = findLayer(network.graph, layer)
  const { channels } = mapSides(info)!
  const names = 'tap' in head.maps ? head.maps.weights : null
  // A copy: the file's other parameters need not be held for it.
  const weights = names === null ? null : (await network.params()).get(names.weight)!.slice()
  return {
    map: ({ activations }, index) => {
      const maps = channelsFirst(activations, info)
      if (names === null || weights === null) return Promise.resolve(pickChannels(maps, channels, [index]))
      return Promise.resolve(weightedSum(maps, weightsOfClass(weights, index, channels, names.transposed)))
    },
    close: async () => {},
  }
}

/**
 * Grad-CAM (Selvaraju et al. 2017): ReLU of Σ over channels of α · map, α the mean over the places of the derivative of the class's logit
 * with respect to the map.
 */
const gradCamMapper = async ({ graph, params }: Network, { head, layer }: ClassMapPlan): Promise<ClassMapper> => {
  const info = findLayer(graph, layer)
  const { channels } = mapSides(info)!
  const network = await openTfjsBackbone({ graph, params: await params(), taps: [{ layer: head.logits, pooling: 'none' }], normalise: true })
  return {
    map: async ({ pixels, activations }, index) => {
      const { gradient } = await network.gradient({ count: 1, pixels, from: { layer, activations } }, layer, { layer: head.logits, units: [index] })
      const alphas = channelMeans(channelsFirst(gradient, info), channels)
      return weightedSum(channelsFirst(activations, info), alphas).map((value) => Math.max(value, 0))
    },
    close: () => network.close(),
  }
}

/** Opens what a plan needs besides the activations. VentralError checkpoint-mismatch where the weights lack the classifier. */
export const createClassMapper = (network: Network, plan: ClassMapPlan): Promise<ClassMapper> => (plan.method === 'cam' ? camMapper(network, plan) : gradCamMapper(network, plan))
