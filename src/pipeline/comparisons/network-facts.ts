import type { BackboneRow, LayerDepth } from '../../domain/comparison.ts'
import type { ResolvedFit } from '../../domain/fit.ts'
import { depthsOf, parameterCount } from '../../models/depth.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { publishedWeights } from '../../models/weights/catalogue.ts'
import { weightsName } from '../networks.ts'

/** What is known of a network without running it. `graph` is null for activations from elsewhere. */
export interface NetworkFacts {
  weights: string
  parameters: number | null
  imageNetTop1: BackboneRow['imageNetTop1']
  depthOf: (layer: string) => LayerDepth
  areaOf: (layer: string) => string | null
}

const unknown = (reason: string): BackboneRow['imageNetTop1'] => ({ value: null, source: null, note: null, reason })

const topOneOf = (graph: LayerGraph, weights: string): BackboneRow['imageNetTop1'] => {
  if (weights === 'none') return unknown('the network has no trained weights')
  if (weights.startsWith('random')) return unknown('random weights')
  const published = publishedWeights(graph.id).find(({ sha256Prefix }) => weights.startsWith(`sha256:${sha256Prefix}`))
  if (published === undefined) return unknown('these weights are none of the published ones that are known here')
  if (published.top1 === null) return unknown(`none is stated by ${published.source}`)
  return { value: published.top1, source: `${published.source}, ${published.version}`, note: 'published, not recomputed' }
}

const noDepth = (reason: string): LayerDepth => ({ operations: null, of: null, relative: null, reason })

export const networkFacts = (graph: LayerGraph | null, request: Pick<ResolvedFit, 'weights' | 'seed'>): NetworkFacts => {
  if (graph === null) {
    const elsewhere = 'activations from elsewhere'
    return { weights: request.weights, parameters: null, imageNetTop1: unknown(elsewhere), depthOf: () => noDepth(elsewhere), areaOf: () => null }
  }
  const depths = depthsOf(graph)
  const weights = weightsName(graph, request)
  return {
    weights,
    parameters: parameterCount(graph),
    imageNetTop1: topOneOf(graph, weights),
    depthOf: (layer) => {
      const operations = depths.layers.get(layer)
      if (operations === undefined) return noDepth('a mapping of all layers together')
      if (depths.total === 0) return { operations, of: 0, relative: null, reason: 'the network has no convolution and no linear layer' }
      return { operations, of: depths.total, relative: operations / depths.total }
    },
    areaOf: (layer) => graph.layers.find(({ name }) => name === layer)?.region ?? null,
  }
}
