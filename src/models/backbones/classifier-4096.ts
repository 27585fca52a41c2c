import type { GraphNode } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'

type Stage = 'linear' | 'relu' | 'dropout' | 'classes'

/** The fully connected head of AlexNet and VGG: they differ in where their dropout stands. Taps `classifier.0` … and `classifier`. */
export const classifierOf4096 = (g: GraphBuilder, x: GraphNode, stages: readonly Stage[]): void => {
  let y = g.flatten('flatten', x)
  for (const [i, stage] of stages.entries()) {
    const name = `classifier.${i}`
    if (stage === 'dropout') g.tap(name, y, 'dropout')
    else if (stage === 'relu') y = g.relu(name, y)
    else y = g.linear(name, y, stage === 'classes' ? 1000 : 4096)
  }
  g.tap('classifier', y)
}
