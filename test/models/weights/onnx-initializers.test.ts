import t from 'tap'
import { VentralError } from '../../../src/domain/errors.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { buildOnnx } from '../../../src/models/build-onnx.ts'
import { randomParams } from '../../../src/models/initialise.ts'
import { readCheckpoint } from '../../../src/models/weights/open-checkpoint.ts'
import { readWeights } from '../../../src/models/weights/read-weights.ts'
import { node, tensor } from '../../../src/numerics/onnx/parts.ts'
import type { TensorProto } from '../../../src/numerics/onnx/schema.ts'
import { dataLocations, dataTypes, encodeModel } from '../../../src/numerics/onnx/schema.ts'
import { uniforms } from '../../helper/generator.ts'

const modelOf = (initializer: TensorProto[]): Uint8Array => encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph: { node: [node('Relu', ['x'], ['y'])], initializer } })

t.test('weights of an ONNX model that kept their names load as any checkpoint', async (t) => {
  for (const id of ['squeezenet1_1', 'resnet18']) {
    const graph = getBackbone(id)
    const params = randomParams(graph, 3)
    const { model } = buildOnnx(graph, params, { taps: [{ layer: graph.layers.at(-1)!.name, pooling: { grid: 2 } }], normalise: true, externalAbove: Infinity })
    const read = await readWeights(model, graph.params, { where: 'net.onnx', backbone: id })
    t.equal(read.format, 'onnx')
    t.same(read.missing, [])
    t.same([...params].filter(([name, values]) => Buffer.compare(Buffer.from(values.buffer), Buffer.from(read.params.get(name)!.buffer)) !== 0).map(([name]) => name), [])
  }
})

t.test('floats of every kind, raw or in fields of their own; other tensors are left aside', async (t) => {
  const half = Buffer.alloc(2)
  half.writeUInt16LE(0x3c01)
  const got = await readCheckpoint(modelOf([
    tensor('single', [2, 1], Float32Array.of(1.5, -2)), tensor('double', [], Float64Array.of(0.5)), { name: 'half', dims: [1], dataType: dataTypes.float16, rawData: half },
    { name: 'fields', dims: [3], dataType: dataTypes.float32, floatData: [1, 2, 3] }, tensor('shape', [2], BigInt64Array.of(1n, -1n)), tensor('none', [0, 3], new Float32Array()),
  ]), 'w.onnx') // prettier-ignore
  t.strictSame([...got].map(([name, { shape, data }]) => [name, shape, [...data]]), [['single', [2, 1], [1.5, -2]], ['double', [], [0.5]], ['half', [1], [1 + 2 ** -10]], ['fields', [3], [1, 2, 3]], ['none', [0, 3], []]])
})

t.test('what it is not is refused by name', async (t) => {
  const squeezenet = getBackbone('squeezenet1_1')
  await t.rejects(readWeights(modelOf([tensor('onnx::Conv_193', [64, 3, 3, 3], new Float32Array(1728))]), squeezenet.params, { where: 'folded.onnx', backbone: 'squeezenet1_1' }), {
    code: 'checkpoint-mismatch', message: /lacks "features\.0\.weight".*folds batch norms.*backbones add/,
  }) // prettier-ignore
  await t.rejects(readCheckpoint(modelOf([{ name: 'w', dims: [1], dataType: dataTypes.float32, dataLocation: dataLocations.external, externalData: [{ key: 'location', value: '/etc/passwd' }] }]), 'w.onnx'), {
    code: 'unsupported-format', message: /"w" in another file/,
  }) // prettier-ignore
  await t.rejects(readCheckpoint(modelOf([{ ...tensor('w', [4], new Float32Array(3)) }]), 'w.onnx'), { code: 'damaged-file', message: /"w" of shape 4 has 12 bytes, not 16/ })
  const many = Buffer.concat([Buffer.of(8, 8), Buffer.alloc(500_000, Buffer.of(0x10, 0))])
  await t.rejects(readCheckpoint(many, 'w.onnx'), { code: 'unsupported-format', message: /over 200000 parts/ })
})

t.test('whatever bytes are wrong: weights or a VentralError', async (t) => {
  const bytes = modelOf([tensor('a.weight', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)), tensor('a.bias', [2], Float32Array.of(1, 2))])
  const random = uniforms('mutations', 900)
  let refused = 0
  for (let k = 0; k < 300; k++) {
    const changed = Buffer.from(bytes)
    const at = 2 + Math.floor(random[3 * k] * (bytes.length - 2))
    if (k % 3 === 0) changed[at] = Math.floor(random[3 * k + 1] * 256)
    if (k % 3 === 1) changed.fill(0xff, at, Math.min(at + 4, changed.length))
    const read = readCheckpoint(k % 3 === 2 ? changed.subarray(0, at) : changed, 'w.onnx')
    await read.catch((error: unknown) => {
      if (!(error instanceof VentralError)) throw error
      refused++
    })
  }
  t.ok(refused > 50 && refused < 300, `${refused} refused`)
})
