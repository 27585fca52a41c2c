import type { Pooling } from '../domain/backbone.ts'
import type { FitRequest, ResolvedFit } from '../domain/fit.ts'
import { distinctLayers, findLayer } from '../models/graph.ts'
import type { LayerGraph } from '../models/graph.ts'
import { invalid } from './refusals.ts'

export const resolveLayers = (graph: LayerGraph, layers: FitRequest['layers'] = 'default', pointer = '/layers'): string[] => {
  if (layers === 'default') return graph.layers.filter((layer) => layer.default).map((layer) => layer.name)
  if (layers === 'all') return distinctLayers(graph).map((layer) => layer.name)
  if (layers.length === 0) throw invalid(pointer, 'at least one layer', layers)
  for (const [i, layer] of layers.entries()) {
    findLayer(graph, layer, pointer)
    if (layers.indexOf(layer) !== i) throw invalid(`${pointer}/${i}`, 'named once', layer)
  }
  return layers
}

export const resolvePooling = (pointer: string, pooling: Pooling): Pooling => {
  if (pooling !== 'none' && !(Number.isInteger(pooling.grid) && pooling.grid >= 1)) throw invalid(`${pointer}/grid`, 'a whole number of at least 1', pooling.grid)
  return pooling
}

export const resolveWeights = (weights = 'pretrained', pointer = '/weights'): ResolvedFit['weights'] => {
  if (weights !== 'pretrained' && weights !== 'random' && !/^sha256:[0-9a-f]{64}$/.test(weights)) throw invalid(pointer, '"pretrained", "random" or "sha256:…"', weights)
  return weights as ResolvedFit['weights']
}
