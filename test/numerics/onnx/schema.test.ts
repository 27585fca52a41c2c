import * as ort from '../../../src/numerics/onnx/runtime.ts'
import t from 'tap'
import { node, tensor, valueInfo } from '../../../src/numerics/onnx/parts.ts'
import type { ModelProto } from '../../../src/numerics/onnx/schema.ts'
import { dataLocations, dataTypes, decodeModel, encodeModel } from '../../../src/numerics/onnx/schema.ts'
import { createSession } from '../../../src/numerics/onnx/session.ts'

/** y = x W + b with an attribute of each kind that the runtime looks at. */
const affine = (weights = tensor('W', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))): ModelProto => ({
  irVersion: 8,
  producerName: 'test',
  opsetImport: [{ domain: '', version: 17 }],
  metadataProps: [{ key: 'sites', value: '["é"]' }],
  graph: {
    name: 'affine',
    node: [node('Gemm', ['x', 'W', 'b'], ['z'], { alpha: { float: 0.5 }, transA: 0 }), node('Transpose', ['z'], ['y'], { perm: [1, 0] })],
    initializer: [weights, tensor('b', [2], Float32Array.of(10, 20))],
    input: [valueInfo('x', 'float32', ['n', 3])],
    output: [valueInfo('y', 'float32', [2, 'n'])],
  },
})
const input = () => ({ x: new ort.Tensor('float32', Float32Array.of(1, 0, 0, 1, 1, 1), [2, 3]) })
const expected = [10.5, 14.5, 21, 26]

t.test('the runtime reads what the encoder writes', async (t) => {
  const session = await createSession(encodeModel(affine()), { threads: 1 })
  const { y } = await session.run(input())
  t.same([...(y.data as Float32Array)], expected)
  t.same(y.dims, [2, 2])
  await session.release()
})

t.test('a model survives encoding and decoding, zeros and empty attributes included', async (t) => {
  const back = decodeModel(encodeModel(affine()))
  t.equal(back.irVersion, 8)
  t.same(back.opsetImport, [{ domain: '', version: 17 }])
  t.same(back.metadataProps, [{ key: 'sites', value: '["é"]' }])
  const [gemm, transpose] = back.graph!.node!
  t.same(gemm.attribute!.map(({ name, i, f }) => ({ name, i, f })), [{ name: 'alpha', i: undefined, f: 0.5 }, { name: 'transA', i: 0, f: undefined }])
  t.same(transpose.attribute![0].ints, [1, 0])
  t.same(back.graph!.input![0].type!.tensorType!.shape!.dim, [{ dimParam: 'n' }, { dimValue: 3 }])
  const [W] = back.graph!.initializer!
  t.same(W.dims, [3, 2])
  t.same(new Float32Array(new Uint8Array(W.rawData!).buffer), Float32Array.of(1, 2, 3, 4, 5, 6))
})

t.test('weights may lie outside the model', async (t) => {
  const data = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5, 6).buffer)
  const outside = { name: 'W', dims: [3, 2], dataType: dataTypes.float32, dataLocation: dataLocations.external }
  const externalData = [{ key: 'location', value: 'weights.bin' }, { key: 'offset', value: '4' }, { key: 'length', value: '24' }]
  const session = await createSession(encodeModel(affine({ ...outside, externalData })), { threads: 1, externalData: [{ path: 'weights.bin', data }] })
  t.same([...((await session.run(input())).y.data as Float32Array)], expected)
  await session.release()
})

t.test('extents and offsets beyond 2^32 keep their value', async (t) => {
  const { graph } = decodeModel(encodeModel({ graph: { initializer: [{ name: 'W', dims: [2 ** 40 + 3, 0, -1] }] } }))
  t.same(graph!.initializer![0].dims, [2 ** 40 + 3, 0, -1])
})

t.test('bytes that are no model are refused by name', async (t) => {
  const bytes = encodeModel(affine())
  t.throws(() => decodeModel(bytes.subarray(0, bytes.length - 3), 'net.onnx'), { code: 'damaged-file', message: /net\.onnx/ })
  t.throws(() => decodeModel(Buffer.from('<html>not a model</html>')), { code: 'damaged-file' })
})

t.test('nested graphs do not exhaust the stack', async (t) => {
  // ModelProto.graph > node > attribute > g, each field wrapping the next, 2,000 deep.
  let bytes: Buffer = Buffer.alloc(0)
  const wrap = (tag: number, inner: Buffer): Buffer => {
    const length: number[] = []
    for (let rest = inner.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest)
      if (rest <= 127) return Buffer.concat([Buffer.of(tag, ...length), inner])
    }
  }
  for (let depth = 0; depth < 2_000; depth++) bytes = wrap((1 << 3) | 2, wrap((5 << 3) | 2, wrap((6 << 3) | 2, bytes)))
  t.throws(() => decodeModel(wrap((7 << 3) | 2, bytes)), { code: 'damaged-file' })
})

t.test('a defect of the caller is told at once', async (t) => {
  t.throws(() => encodeModel({ irVersion: 'eight' as unknown as number }), /irVersion/)
})
