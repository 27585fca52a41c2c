import { findLayer } from '../models/graph.ts'
import { pooledShape } from '../models/shapes.ts'
import type { ActivationSource } from './activation-source.ts'
import { extractLayers, layerSizes, streamActivations } from './extract.ts'
import type { Network } from './extract.ts'
import type { StimulusFiles } from './stimulus-files.ts'

/** Activations of a dataset's images in a network. */
export const networkSource = (network: Network, stimuli: StimulusFiles): ActivationSource => {
  const { graph, weights, pooling, engine } = network
  const { preprocessing, inputSize } = graph
  return {
    id: graph.id,
    weights,
    pooling,
    preprocessing,
    identity: { backbone: graph.id, weights, preprocessing, inputSize, placement: stimuli.placement ?? 'fill', pooling, stimuli: stimuli.sha256, ...(engine ? { computedBy: engine } : {}) },
    network,
    sizes: (layers) => layerSizes(network, layers),
    shape: (layer) => pooledShape(findLayer(graph, layer).shape, pooling),
    eachLayer: (layers, options, visit) => extractLayers(network, layers, stimuli, options, visit),
    eachBatch: (layers, options, visit) => streamActivations(network, layers, stimuli, options, visit),
  }
}
