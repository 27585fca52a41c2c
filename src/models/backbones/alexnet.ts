import type { LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { classifierOf4096 } from './classifier-4096.ts'

// Krizhevsky 2014, One weird trick for parallelizing convolutional neural networks; as in torchvision.
const features = [
  { out: 64, kernel: 11, stride: 4, padding: 2 },
  'pool',
  { out: 192, kernel: 5, padding: 2 },
  'pool',
  { out: 384, kernel: 3, padding: 1 },
  { out: 256, kernel: 3, padding: 1 },
  { out: 256, kernel: 3, padding: 1 },
  'pool',
] as const

const alexnet = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'alexnet', family: 'alexnet' })
  let x = g.input
  let i = 0
  for (const stage of features) {
    if (stage === 'pool') x = g.maxPool(`features.${i++}`, x, { kernel: 3, stride: 2 })
    else x = g.relu(`features.${i + 1}`, g.conv(`features.${i}`, x, stage))
    if (stage !== 'pool') i += 2
  }
  g.tap('features', x)
  x = g.adaptiveAvgPool('avgpool', x, 6)
  classifierOf4096(g, x, ['dropout', 'linear', 'relu', 'dropout', 'linear', 'relu', 'classes'])
  return g.finish({ defaults: ['features.2', 'features.5', 'features.7', 'features.9', 'features.12', 'classifier.2', 'classifier.5'] })
}

export const alexnets = { alexnet }
