import fs from 'node:fs'
import t from 'tap'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { buildOnnx } from '../../../src/models/build-onnx.ts'
import { classHead } from '../../../src/models/class-head.ts'
import { depthsOf, parameterCount } from '../../../src/models/depth.ts'
import { randomParams } from '../../../src/models/initialise.ts'
import type { GoldenTap } from '../../helper/golden.ts'
import { tapError } from '../../helper/golden.ts'
import { uniforms } from '../../helper/generator.ts'
import { temporaryFolder } from '../../helper/home.ts'
import { exported, openGiven, runLayers, writeModel } from './models.ts'

type Tap = Omit<GoldenTap, 'name' | 'f32_error'> & { layer: string; module: string }
const golden = JSON.parse(fs.readFileSync(exported('onnx.json'), 'utf8')) as { side: number } & Record<'maps' | 'tokens', Tap[]>

/** As test/reference/onnx/make_onnx.py makes it. */
const image = (length: number): Float32Array => {
  const out = new Float32Array(length)
  for (let i = 0, state = 1; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = state / 2 ** 31 - 1
  }
  return out
}

for (const name of ['maps', 'tokens'] as const) {
  t.test(`${name}.onnx: every layer is what PyTorch says of the module`, async (t) => {
    const given = await openGiven(exported(`${name}.onnx`))
    t.equal(given.graph.inputSize, golden.side)
    const taps = golden[name]
    const values = await runLayers(given, [...new Set(taps.map(({ layer }) => layer))], image(2 * 3 * golden.side ** 2), 2, false)
    for (const { layer, module, ...tap } of taps) {
      t.same(given.graph.layers.find((candidate) => candidate.name === layer)?.shape, tap.shape, `${module}: shape`)
      const error = tapError({ ...tap, name: layer, f32_error: 0 }, values.get(layer)!)
      t.ok(error.samples < 1 && error.l2 < 1, `${module}: ${error.samples} and ${error.l2} of the tolerance`)
    }
    t.notOk(tapError({ ...taps[0], name: '', f32_error: 0 }, values.get(taps[0].layer)!.map((value) => value * 1.001)).samples < 1, 'a thousandth would be seen')
  })
}

t.test('the classes of a model are what it ends in; its last maps where a linear layer reads their mean', async (t) => {
  const { graph, params } = await openGiven(exported('maps.onnx'))
  const head = classHead(graph)!
  t.match(head, { logits: 'fc.Gemm', classes: 10, maps: { tap: 'leaky.LeakyRelu', weights: {} } })
  const { tap, weights } = head.maps as { tap: string; weights: { weight: string; bias: string } }
  const values = await runLayers({ graph, params }, [tap, head.logits], image(3 * golden.side ** 2), 1, true)
  const [maps, w] = [values.get(tap)!, params.get(weights.weight)!]
  const places = maps.length / 16
  for (let k = 0; k < 10; k++) {
    const logit = params.get(weights.bias)![k] + maps.reduce((sum, value, i) => sum + (value * w[k * 16 + Math.floor(i / places)]) / places, 0)
    t.ok(Math.abs(logit - values.get(head.logits)![k]) < 1e-5, `class ${k}`)
  }
  t.match(classHead((await openGiven(exported('tokens.onnx'))).graph), { logits: 'head.Gemm', classes: 10, maps: { missing: /do not follow from the mean/ } })
})

t.test('depth and parameters of a model are counted as those of a backbone', async (t) => {
  const { graph } = await openGiven(exported('maps.onnx'))
  const { layers, total } = depthsOf(graph)
  t.equal(layers.get('stem.Conv'), 1)
  t.equal(layers.get('blocks.0.act.Mul'), 2)
  t.equal(total, 7, 'stem, two blocks of a convolution and a gate, wide, fc')
  t.equal(parameterCount(graph), 8 * 27 + 8 + 2 * (8 * 36 + 8 + 8 * 8 + 8) + 16 * 72 + 16 + 170)
})

t.test('a layer is the same whatever else is tapped, and alone', async (t) => {
  const given = await openGiven(exported('maps.onnx'))
  const pixels = image(3 * 3 * golden.side ** 2)
  const all = await runLayers(given, given.graph.layers.map(({ name }) => name), pixels, 3, true)
  const [layer] = ['blocks.0.shuffle.Reshape_1']
  const alone = await runLayers(given, [layer], pixels.subarray(pixels.length / 3, (2 * pixels.length) / 3), 1, true)
  const units = alone.get(layer)!.length
  t.ok(alone.get(layer)!.every((value, i) => Math.abs(value - all.get(layer)![units + i]) < 1e-5))
})

t.test('a backbone written as ONNX and added back is the same to the bit', async (t) => {
  const builtIn = getBackbone('resnet18')
  const params = randomParams(builtIn, 0)
  const { model } = buildOnnx(builtIn, params, { taps: [{ layer: 'fc', pooling: 'none' }], normalise: false, externalAbove: Infinity })
  const given = await openGiven(writeModel(temporaryFolder(t), model))
  t.same(
    given.graph.layers.filter((layer) => layer.default).map(({ shape }) => shape),
    builtIn.layers.filter((layer) => layer.default).map(({ shape }) => shape),
    'the same layers by default',
  )
  const shared = given.graph.layers.map(({ name }) => name).filter((name) => builtIn.taps.has(name))
  t.ok(shared.length > 50)
  const pixels = Float32Array.from(uniforms('pixels', 3 * 224 * 224))
  const [ours, theirs] = [await runLayers({ graph: builtIn, params }, shared, pixels, 1, true), await runLayers(given, shared, pixels, 1, true)]
  t.same(shared.filter((name) => Buffer.compare(Buffer.from(ours.get(name)!.buffer), Buffer.from(theirs.get(name)!.buffer)) !== 0), [])
})
