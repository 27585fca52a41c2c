import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder } from '../graph-builder.ts'
import { areaOf, areas, decoder, tapOutput } from './cornet-areas.ts'

// CORnet-S (Kubilius et al. 2019): a recurrent bottleneck per area. Convolutions are shared by the time steps, batch norms are not.
const recurrent = [
  { area: 'V2', out: 128, times: 2 },
  { area: 'V4', out: 256, times: 4 },
  { area: 'IT', out: 512, times: 2 },
]
/** the bottleneck's inner channels are this many times the area's */
const expansion = 4

const v1 = (g: GraphBuilder): GraphNode => {
  let x = g.conv('V1.conv1', g.input, { out: 64, kernel: 7, stride: 2, padding: 3, bias: false })
  x = g.relu('V1.nonlin1', g.batchNorm('V1.norm1', x))
  x = g.maxPool('V1.pool', x, { kernel: 3, stride: 2, padding: 1 })
  x = g.conv('V1.conv2', x, { out: 64, kernel: 3, padding: 1, bias: false })
  x = g.relu('V1.nonlin2', g.batchNorm('V1.norm2', x))
  tapOutput(g, 'V1', x, 0, 1)
  return x
}

const recurrentArea = (g: GraphBuilder, area: string, input: GraphNode, out: number, times: number): GraphNode => {
  const convs = {
    conv_input: { out, kernel: 1, bias: false },
    skip: { out, kernel: 1, stride: 2, bias: false },
    conv1: { out: out * expansion, kernel: 1, bias: false },
    conv2: { out: out * expansion, kernel: 3, padding: 1, bias: false },
    conv3: { out, kernel: 1, bias: false },
  }
  // In the order of the checkpoint, which is not that of use.
  g.declareConv(`${area}.conv_input`, input.shape[0], convs.conv_input)
  g.declareConv(`${area}.skip`, out, convs.skip)
  g.declareBatchNorm(`${area}.norm_skip`, out)
  g.declareConv(`${area}.conv1`, out, convs.conv1)
  g.declareConv(`${area}.conv2`, out * expansion, convs.conv2)
  g.declareConv(`${area}.conv3`, out * expansion, convs.conv3)

  let x = g.conv(`${area}.conv_input`, input, convs.conv_input)
  for (let t = 0; t < times; t++) {
    // The first step halves the sides: by the skip's stride and by the 3x3 convolution's.
    const stride = t === 0 ? 2 : 1
    const skip = t === 0 ? g.batchNorm(`${area}.norm_skip`, g.conv(`${area}.skip`, x, convs.skip)) : x
    let y = g.conv(`${area}.conv1-t${t}`, x, { ...convs.conv1, params: `${area}.conv1` })
    y = g.relu(`${area}.nonlin1-t${t}`, g.batchNorm(`${area}.norm1_${t}`, y))
    y = g.conv(`${area}.conv2-t${t}`, y, { ...convs.conv2, stride, params: `${area}.conv2` })
    y = g.relu(`${area}.nonlin2-t${t}`, g.batchNorm(`${area}.norm2_${t}`, y))
    y = g.conv(`${area}.conv3-t${t}`, y, { ...convs.conv3, params: `${area}.conv3` })
    y = g.add(`${area}.add-t${t}`, g.batchNorm(`${area}.norm3_${t}`, y), skip)
    x = g.relu(`${area}.nonlin3-t${t}`, y)
    tapOutput(g, area, x, t, times)
  }
  return x
}

const cornetS = (): LayerGraph => {
  const g = createGraphBuilder({ id: 'cornet_s', family: 'cornet' })
  let x = v1(g)
  for (const { area, out, times } of recurrent) x = recurrentArea(g, area, x, out, times)
  decoder(g, x)
  const lastStep = { V1: 0, ...Object.fromEntries(recurrent.map(({ area, times }) => [area, times - 1])) } as Record<string, number>
  return g.finish({ defaults: areas.map((area) => `${area}.output-t${lastStep[area]}`), regionOf: areaOf })
}

export const cornetSs = { cornet_s: cornetS }
