import t from 'tap'
import type { CamReport, CamRequest } from '../../../src/domain/looks.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { buildOnnx } from '../../../src/models/build-onnx.ts'
import { classHead } from '../../../src/models/class-head.ts'
import type { LayerGraph } from '../../../src/models/graph.ts'
import { randomParams } from '../../../src/models/initialise.ts'
import { node, tensor, valueInfo } from '../../../src/numerics/onnx/parts.ts'
import { lookAtClasses } from '../../../src/pipeline/inside/cam.ts'
import { temporaryFolder } from '../../helper/home.ts'
import { exported, modelBytes, openGiven, smallGraph, writeModel } from '../../models/given-onnx/models.ts'
import { noiseImages, openLooks } from './looks.ts'

type Given = Awaited<ReturnType<typeof openGiven>>
const images = noiseImages('first.png')
const asked: CamRequest = { backbone: 'onnx:net', top: 5, alpha: 0.5 }

const written = async (t: Parameters<typeof temporaryFolder>[0], id: string, layer: string): Promise<Given> => {
  const { model } = buildOnnx(getBackbone(id), randomParams(getBackbone(id), 0), { taps: [{ layer, pooling: 'none' }], normalise: false, externalAbove: Infinity })
  return openGiven(writeModel(temporaryFolder(t), model))
}

/** Of a user's model, as the look has it from the data folder. */
const camOf = async (t: Parameters<typeof openLooks>[0], { graph, params }: Given, change: Partial<CamRequest> = {}): Promise<CamReport> => {
  const { networks } = openLooks(t)
  const found = { ...networks, find: () => Promise.resolve({ graph, params: () => Promise.resolve(params), weights: 'given', pooling: 'none' as const }) }
  return JSON.parse(Buffer.from(await lookAtClasses(found, { ...asked, ...change }, 'json', images)).toString()) as CamReport
}
const meanOf = (map: number[][]): number => map.flat().reduce((a, b) => a + b, 0) / map.flat().length

/** The bias of a class, of a head of whatever names. */
const biasOf = (graph: LayerGraph, params: ReadonlyMap<string, Float32Array>, index: number): number => {
  const { maps } = classHead(graph)!
  return 'tap' in maps && maps.weights !== null && maps.weights.bias !== null ? params.get(maps.weights.bias)![index] : 0
}

t.test('of a user’s own model: classes and maps, whose means give the logits', async (t) => {
  const cases: [string, Given, number][] = [
    ['exported by PyTorch', await openGiven(exported('maps.onnx')), 10],
    ['ShuffleNet', await written(t, 'shufflenet_v2_x0_5', 'fc'), 1000],
    ['SqueezeNet 1.1', await written(t, 'squeezenet1_1', 'classifier'), 1000],
  ]
  for (const [name, given, classes] of cases) {
    const report = await camOf(t, given, { classes: [3, 7] })
    t.match(report, { method: 'cam', classes, weights: 'given' }, name)
    for (const one of report.images[0].maps) {
      t.ok(Math.abs(meanOf(one.map) + biasOf(given.graph, given.params, one.class) - one.logit) < 1e-5 * Math.max(1, ...one.map.flat().map(Math.abs)), `${name}, class ${one.class}`)
      t.equal(one.name === null, classes === 10, 'names for 1000 classes alone')
    }
  }
})

/** A mean of maps, and what follows it. */
const endingIn = async (t: Parameters<typeof temporaryFolder>[0], nodes: ReturnType<typeof node>[], weights: ReturnType<typeof tensor>[] = []): Promise<Given> => {
  const graph = smallGraph()
  const last = nodes.at(-1)!.output![0]
  return openGiven(writeModel(temporaryFolder(t), modelBytes({ ...graph, node: [...graph.node, ...nodes], initializer: [...graph.initializer, ...weights], output: [valueInfo(last, 'float32', ['n', 3])] })))
}
const matrix = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i))

t.test('a matrix the other way round, its bias apart, probabilities at the end', async (t) => {
  const weights = [tensor('m', [4, 3], matrix), tensor('c', [3], Float32Array.of(0.5, -0.5, 0.25))]
  const flat = node('Flatten', ['mean'], ['flat'])
  const gemm = await endingIn(t, [flat, node('Gemm', ['flat', 'm', 'c'], ['out'])], weights)
  const apart = await endingIn(t, [flat, node('MatMul', ['flat', 'm'], ['product']), node('Add', ['product', 'c'], ['sum']), node('Softmax', ['sum'], ['out'])], weights)
  const [first, second] = [await camOf(t, gemm, { classes: [2] }), await camOf(t, apart, { classes: [2] })]
  const [one] = first.images[0].maps
  t.ok(Math.abs(meanOf(one.map) + 0.25 - one.logit) < 1e-5)
  t.same(second.images[0].maps[0].map, one.map, 'the same weights, whichever way they are written')
  t.ok(Math.abs(second.images[0].maps[0].logit - one.logit) < 1e-6, 'the logits before the probabilities')
})

t.test('what has no classes, or no maps of them, says so', async (t) => {
  const without = await openGiven(writeModel(temporaryFolder(t), modelBytes(smallGraph())))
  await t.rejects(camOf(t, without), { code: 'invalid-value', message: /onnx:net has no classes/ })
  const tokens = await openGiven(exported('tokens.onnx'))
  await t.rejects(camOf(t, tokens), { code: 'invalid-value', message: /There is no class map of onnx:net: its classes do not follow from the mean/ })
  const maps = await openGiven(exported('maps.onnx'))
  await t.rejects(camOf(t, maps, { method: 'grad-cam' }), { code: 'invalid-value', message: /a model of your own, and Grad-CAM needs derivatives/ })
  await t.rejects(camOf(t, maps, { layer: maps.graph.layers[0].name }), { code: 'invalid-value', message: /is a model of your own|is of its last maps/ })
})
