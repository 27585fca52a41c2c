import t from 'tap'
import { openBackbone } from '../../../src/models/activations.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { distinctLayers } from '../../../src/models/graph.ts'
import { openTfjsBackbone } from '../../../src/models/tfjs/backbone.ts'
import { fill } from '../../helper/generator.ts'
import { referenceParams } from '../../helper/golden.ts'
import { relativeError } from './small-net.ts'

/** The tolerance of the reference activations (test/models/golden.test.ts), which the ONNX engine meets. */
const TOLERANCE = 1e-5

for (const id of ['squeezenet1_1', 'resnet18', 'cornet_s']) {
  t.test(`${id}: every tap is the ONNX engine's`, async (t) => {
    const graph = getBackbone(id)
    const taps = distinctLayers(graph).map(({ name }) => ({ layer: name, pooling: 'none' as const }))
    const params = referenceParams(graph)
    const pixels = fill('input', [1, 3, graph.inputSize, graph.inputSize], 'input')
    const onnx = await openBackbone({ graph, params, taps, threads: 2, normalise: false })
    const expected = await onnx.run(pixels, 1)
    await onnx.close()
    const tfjs = await openTfjsBackbone({ graph, params, taps, normalise: false })
    const found = await tfjs.run(pixels, 1)
    await tfjs.close()
    const errors = taps.map(({ layer }) => ({ layer, error: relativeError(found.get(layer)!, expected.get(layer)!) }))
    t.strictSame(errors.filter(({ error }) => !(error <= TOLERANCE)), [], `worst ${errors.reduce((max, { error }) => Math.max(max, error), 0)}`)
  })
}
