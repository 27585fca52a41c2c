import t from 'tap'
import { layerNames } from '../../../src/models/given-onnx/layer-names.ts'
import { modelInput } from '../../../src/models/given-onnx/normalisation.ts'
import { defaultLayers } from '../../../src/models/given-onnx/default-layers.ts'
import { commonVersions } from '../../../src/models/common-versions.ts'

t.test('names of layers are safe as names of files, and no two alike', async (t) => {
  t.same(layerNames(['/layer1/layer1.0/conv1/Conv', 'Conv_0', 'block/relu:0']), ['layer1.0.conv1.Conv', 'Conv_0', 'block.relu_0'])
  t.same(layerNames(['a', 'a', 'A', 'a-2']), ['a', 'a-2', 'A-3', 'a-2-2'])
  t.same(layerNames(['../../etc/passwd', '.hidden', '', 'a,b', 'all', 'best', 'x'.repeat(300), 'ü']), ['etc.passwd', 'hidden', 'value', 'a_b', 'all_', 'best_', 'x'.repeat(100), '_'])
  const many = layerNames(Array.from({ length: 30_000 }, () => 'same'))
  t.equal(new Set(many).size, 30_000)
})

t.test('size and normalisation: the user’s word, the file’s, else what is usual; and who said it', async (t) => {
  const model = (side: number | null, metadata: Record<string, string> = {}) => ({ input: { name: 'x', batch: null, side }, metadata: new Map(Object.entries(metadata)) })
  const mean: [number, number, number] = [0, 0, 0]
  const std: [number, number, number] = [1, 1, 1]
  t.match(modelInput(model(null), {}, 'f'), { inputSize: 224, preprocessing: { resize: { width: 224 }, mean: [0.485, 0.456, 0.406] }, origin: { inputSize: 'assumed', normalisation: 'assumed' } })
  t.match(modelInput(model(96, { mean: '[0.5, 0.5, 0.5]', std: '0.5,0.5,0.5' }), {}, 'f'), { inputSize: 96, preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, origin: { inputSize: 'file', normalisation: 'file' } })
  t.match(modelInput(model(null, { input_size: '160', mean: '1,1,1', std: '2,2,2' }), { mean, std }, 'f'), { inputSize: 160, preprocessing: { mean, std }, origin: { inputSize: 'file', normalisation: 'user' } })
  t.match(modelInput(model(null, { input_size: '160' }), { inputSize: 64 }, 'f'), { inputSize: 64, preprocessing: { resize: { width: 64, height: 64 } }, origin: { inputSize: 'user' } })
  t.throws(() => modelInput(model(null), { mean }, 'f'), { code: 'invalid-value', message: /together/ })
  t.throws(() => modelInput(model(null), { mean, std: [1, 0, 1] }, 'f'), { code: 'invalid-value', message: /above 0/ })
  t.throws(() => modelInput(model(null, { mean: 'ImageNet' }), {}, 'f'), { code: 'unsupported-format', message: /mean "ImageNet", std "missing"/ })
  t.throws(() => modelInput(model(null), { inputSize: 5000 }, 'f'), { code: 'unsupported-format', message: /5000/ })
})

t.test('layers by default: the last of each size; sums where sizes hardly differ', async (t) => {
  const layer = (name: string, kind: 'relu' | 'add' | 'conv' | 'pool', shape: number[]) => ({ name, kind, shape, units: 1, operator: 'X' })
  const maps = [56, 28, 14].flatMap((side) => [layer(`conv${side}`, 'conv', [8, side, side]), layer(`a${side}`, 'relu', [8, side, side]), layer(`b${side}`, 'relu', [8, side, side])])
  t.same([...defaultLayers([...maps, layer('mean', 'pool', [8, 1, 1])])], ['b56', 'b28', 'b14', 'mean'])
  const sums = Array.from({ length: 30 }, (_, i) => layer(`sum${i}`, 'add', [17, 16]))
  const chosen = [...defaultLayers([layer('conv', 'conv', [16, 4, 4]), ...sums])]
  t.equal(chosen.length, 12)
  t.same([chosen[0], chosen.at(-1)], ['sum0', 'sum29'])
  t.same([...defaultLayers([layer('conv', 'conv', [16, 4, 4])])], ['conv'])
})

t.test('one graph has one operator set', async (t) => {
  const given = (version: number, irVersion = 8) => ({ given: { opsets: { '': version }, irVersion, tensors: new Map() } })
  t.match(commonVersions([{}, {}]), { opsets: { '': 17 } })
  t.match(commonVersions([given(13)]), { opsets: { '': 13 } })
  t.match(commonVersions([given(20, 9), {}]), { opsets: { '': 20 }, irVersion: 9 })
  t.equal(commonVersions([given(13), {}]), null, 'the networks built here use operators of set 17')
  t.equal(commonVersions([given(18), given(19)]), null)
})
