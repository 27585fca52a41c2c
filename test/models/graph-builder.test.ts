import t from 'tap'
import { distinctLayers } from '../../src/models/graph.ts'
import { createGraphBuilder } from '../../src/models/graph-builder.ts'
import { nearest } from '../../src/models/nearest-names.ts'
import { pooledShape, windowSide } from '../../src/models/shapes.ts'

const builder = () => createGraphBuilder({ id: 'net', family: 'test', inputSize: 32 })

t.test('shapes follow from the input', async (t) => {
  const g = builder()
  const conv = g.conv('conv', g.input, { out: 8, kernel: [1, 7], stride: [1, 2], padding: [0, 3] })
  t.strictSame(conv.shape, [8, 32, 16])
  t.strictSame(g.conv('dilated', conv, { out: 4, kernel: 3, dilation: 2, groups: 2 }).shape, [4, 28, 12])
  t.strictSame(g.avgPool('pool', conv, { kernel: 2, stride: 2 }).shape, [8, 16, 8])
  t.strictSame(g.linear('fc', g.flatten('flat', g.adaptiveAvgPool('avgpool', conv, [2, 1])), 5).shape, [5])
  const { params } = g.finish({ defaults: [] })
  t.strictSame(params.map(({ name, shape }) => [name, shape]), [
    ['conv.weight', [8, 3, 1, 7]],
    ['conv.bias', [8]],
    ['dilated.weight', [4, 4, 3, 3]],
    ['dilated.bias', [4]],
    ['fc.weight', [5, 16]],
    ['fc.bias', [5]],
  ])
})

t.test('a partial last window counts with ceil mode only, and never one that begins in the padding', async (t) => {
  t.equal(windowSide(112, 3, 2, 0), 55)
  t.equal(windowSide(112, 3, 2, 0, true), 56)
  t.equal(windowSide(111, 3, 2, 0, true), 55)
  t.equal(windowSide(4, 2, 3, 1, true), 2, 'a third window would begin behind the input')
})

t.test('pooling leaves vectors and short sides', async (t) => {
  t.strictSame(pooledShape([64, 7, 56], { grid: 14 }), [64, 7, 14])
  t.strictSame(pooledShape([1000], { grid: 4 }), [1000])
  t.strictSame(pooledShape([64, 7, 7], 'none'), [64, 7, 7])
})

t.test('a module that runs at several time steps has its parameters once', async (t) => {
  const g = builder()
  let x = g.conv('conv-t0', g.input, { out: 3, kernel: 1, params: 'conv' })
  x = g.conv('conv-t1', x, { out: 3, kernel: 1, params: 'conv' })
  t.throws(() => g.conv('conv-t2', x, { out: 4, kernel: 1, params: 'conv' }), /conv\.weight is 3x3x1x1 and 4x3x1x1/)
  const graph = g.finish({ defaults: ['conv-t1'] })
  t.strictSame(graph.params.map(({ name }) => name), ['conv.weight', 'conv.bias'])
  t.strictSame(graph.layers.map(({ name }) => name), ['conv-t0', 'conv-t1'])
})

t.test('what cannot be is a defect at once', async (t) => {
  const g = builder()
  const a = g.conv('a', g.input, { out: 4, kernel: 3 })
  t.throws(() => g.relu('a', a), /two nodes are called a/)
  t.throws(() => g.tap('a', a), /two taps are called a/)
  t.throws(() => g.add('sum', a, g.input), /sum adds 4x30x30 and 3x32x32/)
  t.throws(() => g.maxPool('pool', a, { kernel: 40, stride: 1 }), /pool would have the shape/)
  t.throws(() => g.linear('fc', a, 10), /fc needs a vector/)
  t.throws(() => g.finish({ defaults: ['b'] }), /no tap is called b/)
})

t.test('of taps with one value, the default one or else the outermost is kept', async (t) => {
  const g = builder()
  const a = g.relu('block.0', g.input)
  g.tap('block', a)
  const b = g.relu('last.0', a)
  g.tap('last', b)
  const graph = g.finish({ defaults: ['last.0'] })
  t.strictSame(distinctLayers(graph).map(({ name }) => name), ['block', 'last.0'])
})

t.test('the nearest names come first', async (t) => {
  const ids = ['alexnet', 'resnet18', 'resnet50', 'vgg16']
  t.equal(nearest('ResNet-50', ids)[0], 'resnet50')
  t.equal(nearest('vgg', ids, 1).join(), 'vgg16')
  t.equal(nearest('x'.repeat(1e6), ids).length, 3, 'a hostile length is no work')
})
