import fs from 'node:fs'
import t from 'tap'
import { VentralError } from '../../../src/domain/errors.ts'
import type { ModelSettings } from '../../../src/domain/given-model.ts'
import { inspectModel } from '../../../src/models/given-onnx/inspect-model.ts'
import { readModel } from '../../../src/models/given-onnx/read-model.ts'
import { node, tensor, valueInfo } from '../../../src/numerics/onnx/parts.ts'
import type { GraphProto, ModelProto, NodeProto } from '../../../src/numerics/onnx/schema.ts'
import { attributeTypes, dataLocations, dataTypes } from '../../../src/numerics/onnx/schema.ts'
import { uniforms } from '../../helper/generator.ts'
import { temporaryFolder } from '../../helper/home.ts'
import { exported, modelBytes, smallGraph, writeModel } from './models.ts'

type Change = (graph: ReturnType<typeof smallGraph>) => Partial<GraphProto>

/** What is wrong with the small model after a change, without running it. */
const refusal = (change: Change, model: Partial<ModelProto> = {}): VentralError => {
  const graph = smallGraph()
  try {
    readModel(modelBytes({ ...graph, ...change(graph) }, model), 'net.onnx')
  } catch (error) {
    if (error instanceof VentralError) return error
    throw error
  }
  throw new Error('not refused')
}
const withNode = (...more: NodeProto[]): Change => ({ node }) => ({ node: [...node, ...more] })
const input = (...dims: (number | string)[]): Change => () => ({ input: [valueInfo('image', 'float32', dims)] })

t.test('what cannot be a backbone is refused by name', async (t) => {
  const cases: [string, Change, RegExp, Partial<ModelProto>?][] = [
    ['operators of others', withNode({ ...node('Magic', ['relu'], ['x']), domain: 'acme' }), /acme\.Magic/],
    ['control flow', withNode(node('Loop', ['relu'], ['x'])), /loops: Loop \(node "x"\).*without control flow/],
    ['a graph in an attribute', withNode({ ...node('Odd', ['relu'], ['x']), attribute: [{ name: 'body', type: attributeTypes.graph, g: { node: [] } }] }), /graph within a node: Odd/],
    ['random numbers', withNode(node('RandomNormalLike', ['relu'], ['x'])), /draws random numbers: RandomNormalLike/],
    ['strings', withNode(node('StringConcat', ['relu', 'relu'], ['x'])), /strings/],
    ['string tensors', () => ({ initializer: [{ name: 'w', dims: [1], dataType: dataTypes.string, stringData: [Buffer.from('cat')] }] }), /holds strings \("w"\)/],
    ['sequences', withNode(node('SplitToSequence', ['relu'], ['x'])), /sequences/],
    ['training', withNode(node('BatchNormalization', ['relu', 'b', 'b', 'b', 'b'], ['x', 'y', 'z'], { training_mode: 1 })), /exported for training.*model\.eval/],
    ['weights in another file', ({ initializer }) => ({ initializer: [{ ...initializer[0], rawData: undefined, dataLocation: dataLocations.external, externalData: [{ key: 'location', value: '/etc/passwd' }] }] }), /"w" in another file.*save_as_external_data=False/],
    ['old operator sets', () => ({}), /operator set 6/, { opsetImport: [{ domain: '', version: 6 }] }],
    ['two inputs', () => ({ input: [valueInfo('image', 'float32', ['n', 3, 16, 16]), valueInfo('mask', 'float32', ['n'])] }), /takes 2 inputs \("image", "mask"\)/],
    ['bytes as input', () => ({ input: [valueInfo('image', 'uint8', ['n', 3, 16, 16])] }), /image of uint8/],
    ['half precision', () => ({ input: [valueInfo('image', 'float16', ['n', 3, 16, 16])] }), /image of float16/],
    ['channels last', input('n', 16, 16, 3), /channels last \(\? x 16 x 16 x 3\).*--inputs-as-nchw/],
    ['grey images', input('n', 1, 16, 16), /1 channels/],
    ['oblong images', input('n', 3, 16, 24), /oblong images \(\? x 3 x 16 x 24\)/],
    ['vectors', input('n', 768), /2 axes/],
    ['no float32 weights', () => ({ initializer: [tensor('w', [4, 3, 3, 3], new Uint8Array(108)), tensor('b', [4], new Uint8Array(4))] }), /no float32 weights/],
  ]
  for (const [what, change, message, model] of cases) {
    const error = refusal(change, model)
    t.match(error, { code: 'unsupported-format', message }, what)
    t.match(error.errors, [{ pointer: 'net.onnx', expected: /./, found: /./ }], what)
  }
})

t.test('what contradicts itself is refused by name', async (t) => {
  const cases: [string, Change, RegExp][] = [
    ['a value made twice', withNode(node('Relu', ['conv'], ['relu'])), /two values are called "relu"/],
    ['a value called as a weight', withNode(node('Relu', ['conv'], ['w'])), /two values are called "w"/],
    ['a weight twice', ({ initializer }) => ({ initializer: [...initializer, initializer[0]] }), /two values are called "w"/],
    ['a value that nothing makes', withNode(node('Relu', ['lost'], ['x'])), /reads "lost", which nothing computes/],
    ['a cycle', withNode(node('Add', ['relu', 'y'], ['x']), node('Relu', ['x'], ['y'])), /"x" depends on itself/],
    ['a node without values', withNode({ opType: 'Relu', input: ['relu'], output: [] }), /node 4 \("Relu"\) computes nothing/],
    ['too few bytes', ({ initializer: [w, b] }) => ({ initializer: [{ ...w, dims: [4, 3, 3, 4] }, b] }), /"w" of shape 4 x 3 x 3 x 4 has 432 bytes, not 576/],
    ['a shape past all bounds', ({ initializer: [w, b] }) => ({ initializer: [{ ...w, dims: [2 ** 52, 2 ** 52] }, b] }), /"w"/],
    ['a shape below zero', ({ initializer: [w, b] }) => ({ initializer: [{ ...w, dims: [-4, 27] }, b] }), /"w" has the shape -4 x 27/],
    ['no input', () => ({ input: [] }), /no input/],
    ['no graph', () => ({ node: [] }), /no graph/],
  ]
  for (const [what, change, message] of cases) t.match(refusal(change), { code: 'damaged-file', message }, what)
})

t.test('nodes may come in any order, and in great number', async (t) => {
  const graph = smallGraph()
  const { nodes } = readModel(modelBytes({ ...graph, node: graph.node.toReversed() }), 'net.onnx')
  t.same(nodes.map(({ opType }) => opType), ['Conv', 'Relu', 'GlobalAveragePool'])
  const chain = Array.from({ length: 20_000 }, (_, i) => node('Relu', [i === 0 ? 'relu' : `x${i - 1}`], [`x${i}`]))
  t.equal(readModel(modelBytes({ ...graph, node: [...graph.node, ...chain] }), 'net.onnx').nodes.length, 20_003)
})

t.test('whatever bytes are wrong: a model or a VentralError', async (t) => {
  const bytes = fs.readFileSync(exported('maps.onnx'))
  const random = uniforms('mutations', 3 * 400)
  const outcomes = new Map<string, number>()
  for (let k = 0; k < 400; k++) {
    const changed = Buffer.from(bytes)
    const at = Math.floor(random[3 * k] * bytes.length)
    // A byte, eight bytes of a huge length, or the end.
    if (k % 3 === 0) changed[at] = Math.floor(random[3 * k + 1] * 256)
    else if (k % 3 === 1) changed.fill(0xff, at, at + 4)
    const cut = k % 3 === 2 ? changed.subarray(0, at) : changed
    try {
      readModel(cut, 'net.onnx')
      outcomes.set('read', (outcomes.get('read') ?? 0) + 1)
    } catch (error) {
      if (!(error instanceof VentralError)) throw error
      if (!error.message.startsWith('net.onnx')) t.fail(error.message)
      outcomes.set(error.code, (outcomes.get(error.code) ?? 0) + 1)
    }
  }
  t.ok(outcomes.get('read')! > 20 && outcomes.get('damaged-file')! > 100, JSON.stringify([...outcomes]))
})

t.test('a model is tried on two images before it is taken', async (t) => {
  const folder = temporaryFolder(t)
  const inspect = (graph: GraphProto, settings: ModelSettings = {}) => inspectModel(writeModel(folder, modelBytes(graph)), { where: 'net.onnx', settings, threads: 1 })
  const graph = smallGraph()
  const fixed = { ...graph, input: [valueInfo('image', 'float32', [1, 3, 16, 16])], initializer: [...graph.initializer, tensor('start', [1, 4, 1, 1], new Float32Array(4))] }
  const turned = { ...fixed, node: [...graph.node, node('Transpose', ['mean'], ['turned'], { perm: [1, 0, 2, 3] }), node('Reshape', ['turned', 'sides'], ['x'])], initializer: [...fixed.initializer, tensor('sides', [2], BigInt64Array.of(1n, -1n))] }
  const refusals: [GraphProto, RegExp, ModelSettings?][] = [
    [{ ...graph, node: [...graph.node, node('NoSuchOperator', ['mean'], ['x'])] }, /does not have: NoSuchOperator/],
    [{ ...fixed, node: [...graph.node, node('Concat', ['mean', 'start'], ['x'], { axis: 1 })] }, /one image at a time only: .*Concat.*dynamic_axes/],
    // Made for one image, (1, 4) by a way that copying the first axis of (4, 1) would leave.
    [{ ...turned, output: [{ name: 'x' }] }, /one image at a time only: its shapes are those of one image/],
    [{ ...graph, node: [...graph.node, node('ReduceMean', ['relu'], ['all'], { axes: [0], keepdims: 1 }), node('Sub', ['relu', 'all'], ['x'])], output: [{ name: 'x' }] }, /lets one image change what another gives \("x"\).*model\.eval/],
    [{ ...graph, node: [...graph.node, node('Sqrt', ['conv'], ['x'])], output: [{ name: 'x' }] }, /not finite \("x"\)/],
    [{ ...graph, initializer: [tensor('w', [4, 5, 3, 3], new Float32Array(180)), graph.initializer[1]] }, /refused by onnxruntime|does not run/],
  ]
  for (const [given, message, settings] of refusals) await t.rejects(inspect(given, settings), { code: 'unsupported-format', message })
  await t.rejects(inspect(graph, { inputSize: 24 }), { code: 'invalid-value', message: /16 x 16 and no other size/ })

  const seen = await inspect({ ...graph, node: [...graph.node, node('Sqrt', ['conv'], ['root']), node('Shape', ['relu'], ['sides'])] })
  t.same(seen.layers.map(({ name }) => name), ['conv', 'relu', 'mean'], 'what is not finite or no row per image is no layer')
  const bytes = writeModel(folder, modelBytes(graph))
  await t.rejects(inspectModel(bytes, { where: 'net.onnx', settings: {}, threads: 1 }, { timeoutMs: 1 }), { code: 'does-not-fit', message: /took over 0\.001 s/ })
  await t.rejects(inspectModel(writeModel(folder, Buffer.from('<html></html>')), { where: 'page.onnx', settings: {}, threads: 1 }), { code: 'damaged-file', message: /page\.onnx/ })
})

t.test('what would take all memory ends its own process only', async (t) => {
  const graph = smallGraph()
  const huge = { ...graph, node: [...graph.node, node('Expand', ['mean', 'sides'], ['x'])], initializer: [...graph.initializer, tensor('sides', [4], BigInt64Array.of(1n, 4n, 30_000n, 30_000n))] }
  await t.rejects(inspectModel(writeModel(temporaryFolder(t), modelBytes(huge)), { where: 'net.onnx', settings: {}, threads: 1 }), { name: 'VentralError', message: /net\.onnx/ })
})
