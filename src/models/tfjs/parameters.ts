import type { GraphNode } from '../graph.ts'

/** Names of the parameters and constants that a node's operation takes. */
export const parameterNames = ({ operation }: GraphNode): string[] => {
  switch (operation.kind) {
    case 'conv':
      return operation.bias === null ? [operation.weight] : [operation.weight, operation.bias]
    case 'batchNorm':
      return [operation.weight, operation.bias, operation.mean, operation.variance]
    case 'groupNorm':
    case 'layerNorm':
    case 'linear':
      return [operation.weight, operation.bias]
    case 'scale':
      return [operation.weight]
    default:
      return []
  }
}

/** Names of the parameters and constants that nodes take, each once. */
export const parametersOf = (nodes: readonly GraphNode[]): string[] => [...new Set(nodes.flatMap(parameterNames))]
