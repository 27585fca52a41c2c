import type { GraphNode } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'

/** timm's pooling module: the mean over the places as a vector, with the modules inside it. */
export const globalPool = (g: GraphBuilder, x: GraphNode): GraphNode => {
  const y = g.flatten('global_pool.flatten', g.adaptiveAvgPool('global_pool.pool', x, 1), {})
  g.tap('global_pool', y, 'pool')
  return y
}
