import type { LayerGraph } from '../graph.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { kaimingNormalFanOut, smallNormal } from '../init-rules.ts'
import { classifierOf4096 } from './classifier-4096.ts'

// Simonyan & Zisserman 2015, Very deep convolutional networks, Table 1: configurations A, B, D and E.

/** 3x3 convolutions in each of the five stages, of 64, 128, 256, 512 and 512 channels; a max pool ends each stage. */
const depths: Record<string, readonly number[]> = {
  vgg11: [1, 1, 2, 2, 2],
  vgg13: [2, 2, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
}

const vgg = (id: string, depth: readonly number[], norm: boolean): LayerGraph => {
  const g = createGraphBuilder({ id, family: 'vgg', init: { conv: kaimingNormalFanOut, linear: smallNormal } })
  let x = g.input
  let i = 0
  const next = (): string => `features.${i++}`
  const pools: string[] = []
  for (const [stage, convolutions] of depth.entries()) {
    for (let k = 0; k < convolutions; k++) {
      x = g.conv(next(), x, { out: Math.min(512, 64 << stage), kernel: 3, padding: 1 })
      if (norm) x = g.batchNorm(next(), x)
      x = g.relu(next(), x)
    }
    x = g.maxPool(next(), x, { kernel: 2, stride: 2 })
    pools.push(x.name)
  }
  g.tap('features', x)
  x = g.adaptiveAvgPool('avgpool', x, 7)
  classifierOf4096(g, x, ['linear', 'relu', 'dropout', 'linear', 'relu', 'dropout', 'classes'])
  return g.finish({ defaults: [...pools, 'classifier.1', 'classifier.4'] })
}

export const vggs = Object.fromEntries(
  Object.entries(depths).flatMap(([id, depth]) => [
    [id, () => vgg(id, depth, false)],
    [`${id}_bn`, () => vgg(`${id}_bn`, depth, true)],
  ]),
) as Record<string, () => LayerGraph>
