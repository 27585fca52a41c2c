import t from 'tap'
import { VentralError } from '../../../src/domain/errors.ts'
import { matchCheckpoint } from '../../../src/models/weights/match.ts'

const about = { where: 'net.pth', backbone: 'tiny' }
const params = [{ name: 'conv1.weight', shape: [4, 3, 3, 3] }, { name: 'bn1.running_mean', shape: [4] }, { name: 'fc.weight', shape: [10, 4] }, { name: 'fc.bias', shape: [10] }]
const tensors = (overrides: Record<string, number[] | null> = {}, prefix = '') => {
  const all = { ...Object.fromEntries(params.map(({ name, shape }) => [name, shape])), ...overrides }
  return new Map(Object.entries(all).flatMap(([name, shape]) => (shape ? [[prefix + name, { shape }] as const] : [])))
}

t.test('names as they are, or all under module.; num_batches_tracked is ignored', async (t) => {
  const plain = matchCheckpoint(params, tensors({ 'bn1.num_batches_tracked': [] }), about)
  t.strictSame([...plain.names], params.map(({ name }) => [name, name]))
  t.strictSame(plain.missing, [])
  const parallel = matchCheckpoint(params, tensors({ 'bn1.num_batches_tracked': [] }, 'module.'), about)
  t.strictSame([...parallel.names], params.map(({ name }) => [name, `module.${name}`]))
})

t.test('a trunk without its classifier is accepted and says so', async (t) => {
  const { names, missing } = matchCheckpoint(params, tensors({ 'fc.weight': null, 'fc.bias': null }), about)
  t.strictSame(missing, ['fc.weight', 'fc.bias'])
  t.equal(names.size, 2)
})

t.test('missing, unexpected and misshapen keys are all named', async (t) => {
  try {
    matchCheckpoint(params, tensors({ 'bn1.running_mean': null, 'layer9.weight': [2], 'layer9.bias': [2], 'conv1.weight': [4, 3, 5, 5] }), about)
    t.fail('accepted')
  } catch (error) {
    t.ok(error instanceof VentralError)
    const { code, message, errors } = error as VentralError
    t.equal(code, 'checkpoint-mismatch')
    t.match(message, /net\.pth is not a checkpoint of tiny: it lacks "bn1\.running_mean"; it has the unexpected "layer9\.weight" and 1 more; it has "conv1\.weight" of shape 4 x 3 x 5 x 5 where 4 x 3 x 3 x 3/)
    t.strictSame(errors, [
      { pointer: 'net.pth: bn1.running_mean', expected: '4', found: 'missing' },
      { pointer: 'net.pth: layer9.weight', expected: 'no such key in tiny', found: '2' },
      { pointer: 'net.pth: layer9.bias', expected: 'no such key in tiny', found: '2' },
      { pointer: 'net.pth: conv1.weight', expected: '4 x 3 x 3 x 3', found: '4 x 3 x 5 x 5' },
    ])
  }
})

t.test('a file with nothing but the classifier, and one with nothing of it, are refused', async (t) => {
  t.throws(() => matchCheckpoint(params, new Map([['fc.bias', { shape: [10] }]]), about), { code: 'checkpoint-mismatch', message: /lacks "conv1\.weight" and 2 more/ })
  t.throws(() => matchCheckpoint([{ name: 'fc.weight', shape: [1] }], new Map(), about), { code: 'checkpoint-mismatch', message: /lacks "fc\.weight"/ })
})

t.test('module. is a prefix only where every key has it', async (t) => {
  const mixed = new Map([...tensors({ 'bn1.running_mean': null }), ['module.bn1.running_mean', { shape: [4] }] as const])
  t.throws(() => matchCheckpoint(params, mixed, about), { code: 'checkpoint-mismatch', message: /lacks "bn1\.running_mean"; it has the unexpected "module\.bn1/ })
})

t.test("DenseNet's published names are those of its modules today", async (t) => {
  const names = ['norm1.weight', 'conv2.weight'].map((rest) => `features.denseblock1.denselayer1.${rest}`)
  const published = ['norm.1.weight', 'conv.2.weight'].map((rest) => `features.denseblock1.denselayer1.${rest}`)
  const found = matchCheckpoint(names.map((name) => ({ name, shape: [2] })), new Map(published.map((name) => [name, { shape: [2] }])), about)
  t.strictSame([...found.names], names.map((name, i) => [name, published[i]]))
})
