import t from 'tap'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { catalogue, publishedWeights } from '../../../src/models/weights/catalogue.ts'
import { readCheckpoint } from '../../../src/models/weights/open-checkpoint.ts'
import { readWeights } from '../../../src/models/weights/read-weights.ts'
import { needs, shared } from '../../helper/shared.ts'
import { floats, op, safetensors, storage, tensor, zipCheckpoint } from './checkpoint-builder.ts'

const squeezenet = shared('data', 'weights', 'squeezenet1_1.pth')
const resnet20 = shared('data', 'weights', 'resnet20-12fca82f.th')

t.test('a real zip checkpoint fills the backbone that it belongs to', needs('data', 'weights', 'squeezenet1_1.pth'), async (t) => {
  const { params } = getBackbone('squeezenet1_1')
  const read = await readWeights(squeezenet, params, { where: 'squeezenet1_1.pth', backbone: 'squeezenet1_1' })
  t.equal(read.format, 'pth')
  t.strictSame(read.missing, [])
  t.strictSame([...read.params].map(([name, { length }]) => [name, length]), params.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]))
  // first weights as PyTorch prints them
  t.strictSame([...read.params.get('features.0.weight')!.slice(0, 3)], [0.2116604447364807, 0.557414174079895, 0.11178924143314362])
})

t.test('a checkpoint of another architecture names the keys', needs('data', 'weights', 'squeezenet1_1.pth'), async (t) => {
  await t.rejects(readWeights(squeezenet, getBackbone('resnet18').params, { where: 'squeezenet1_1.pth', backbone: 'resnet18' }), {
    code: 'checkpoint-mismatch', message: /not a checkpoint of resnet18: it lacks "conv1\.weight" and 101 more; it has the unexpected "features\.0\.weight" and 51 more/,
  })
})

t.test('a real legacy checkpoint: wrapped, module. prefix, cuda storages, old _rebuild_tensor', needs('data', 'weights', 'resnet20-12fca82f.th'), async (t) => {
  const read = await readCheckpoint(resnet20, 'resnet20.th')
  t.equal(read.size, 97)
  t.strictSame(read.get('module.linear.weight')!.shape, [10, 64])
  for (const [name, { data }] of read) {
    // a storage read from a wrong place would not look like variances and trained weights
    t.ok(data.every((value) => Number.isFinite(value) && Math.abs(value) < 50 && (value > 0 || !name.endsWith('running_var'))), name)
  }
  const params = [{ name: 'conv1.weight', shape: [16, 3, 3, 3] }, { name: 'bn1.running_var', shape: [16] }]
  await t.rejects(readWeights(resnet20, params, { where: 'resnet20.th', backbone: 'two' }), { code: 'checkpoint-mismatch', message: /unexpected "bn1\.weight"/ })
})

const about = { where: 'file', backbone: 'tiny' }
const params = [{ name: 'w', shape: [2] }]

t.test('only the backbone\'s own tensors are read: a damaged optimiser state does not matter', async (t) => {
  const at = (key: string) => tensor(storage(key, 2), { shape: [2], stride: [1] })
  const file = await zipCheckpoint(op.dict([op.text('state_dict'), op.dict([op.text('w'), at('0')])], [op.text('optimizer'), op.dict([op.text('m'), at('1')])]), { 0: floats(1, 2), 1: floats(3, 4) })
  file.writeFloatLE(9, file.indexOf(floats(3, 4)))
  const read = await readWeights(file, params, about)
  t.strictSame([...read.params.get('w')!], [1, 2])
})

t.test('tensors that share a storage come as arrays of their own', async (t) => {
  const file = await zipCheckpoint(op.dict(
    [op.text('w'), tensor(storage('0', 4), { shape: [2], stride: [1] })], [op.text('v'), tensor(storage('0', 4), { offset: 1, shape: [2], stride: [2] })],
  ), { 0: floats(1, 2, 3, 4) })
  const read = await readWeights(file, [...params, { name: 'v', shape: [2] }], about)
  t.strictSame([...read.params.get('w')!, ...read.params.get('v')!], [1, 2, 2, 4])
  t.not(read.params.get('w')!.buffer, read.params.get('v')!.buffer)
})

t.test("of TensorFlow's 1001 classes the background, which comes first, is left out", async (t) => {
  const classes = [{ name: 'body.weight', shape: [2] }, { name: 'last_linear.weight', shape: [1000, 2] }, { name: 'last_linear.bias', shape: [1000] }]
  const layout = { 'body.weight': [2], 'last_linear.weight': [1001, 2], 'last_linear.bias': [1001] }
  let end = 0
  const entries = Object.entries(layout).map(([name, shape]) => [name, { dtype: 'F32', shape, data_offsets: [end, (end += 4 * shape.reduce((a, b) => a * b, 1))] }] as const)
  const file = safetensors(Object.fromEntries(entries), floats(...Array.from({ length: end / 4 }, (_, i) => i)))
  const read = await readWeights(file, classes, about)
  t.strictSame([...read.params.get('last_linear.weight')!.slice(0, 3)], [4, 5, 6])
  t.equal(read.params.get('last_linear.weight')!.length, 2000)
  t.strictSame([read.params.get('last_linear.bias')!.at(0), read.params.get('last_linear.bias')!.at(-1)], [2005, 3004])
  await t.rejects(readWeights(file, [{ name: 'body.weight', shape: [2] }, { name: 'last_linear.weight', shape: [999, 2] }, { name: 'last_linear.bias', shape: [999] }], about), { code: 'checkpoint-mismatch' })
})

t.test('weights that are not finite are refused with the tensor\'s name', async (t) => {
  const file = safetensors({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, floats(1, NaN))
  await t.rejects(readWeights(file, params, about), { code: 'damaged-file', message: /"w" holds NaN at element 1/ })
})

t.test('the catalogue names backbones that exist, by URL and hash that agree', async (t) => {
  for (const { backbone, url, sha256Prefix } of catalogue) {
    t.equal(getBackbone(backbone).id, backbone)
    t.match(sha256Prefix, /^[0-9a-f]{8,}$/)
    t.ok(url.startsWith('https://') && url.endsWith(`-${sha256Prefix}.pth`), url)
  }
  t.equal(publishedWeights('resnet50')[0].sha256Prefix, '0676ba61')
  t.strictSame(publishedWeights('pixels'), [])
})
