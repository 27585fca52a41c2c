import t from 'tap'
import { backboneIds, getBackbone } from '../../src/models/backbones/index.ts'
import { depthsOf, parameterCount } from '../../src/models/depth.ts'
import type { GraphNode, ParamSpec } from '../../src/models/graph.ts'
import { node } from '../../src/numerics/onnx/parts.ts'

const depths = (id: string, ...layers: string[]): number[] => {
  const { layers: of, total } = depthsOf(getBackbone(id))
  return [...layers.map((layer) => of.get(layer)!), total]
}

t.test('counted by hand', async (t) => {
  // five convolutions and three linear layers, in a row
  t.same(depths('alexnet', 'features.0', 'features.2', 'features.5', 'features.7', 'features.9', 'features.12', 'classifier.2', 'classifier.5'), [1, 1, 2, 3, 4, 5, 6, 7, 8])
  // conv1, four stages of two blocks of two convolutions, fc: the shortcut's 1x1 is a shorter way
  t.same(depths('resnet18', 'conv1', 'relu', 'layer1.0', 'layer1', 'layer2.0.conv1', 'layer2.0', 'layer4', 'avgpool'), [1, 1, 3, 5, 6, 7, 17, 17, 18])
  // V1 two; then per area conv_input once and three convolutions at each of 2, 4 and 2 steps; the decoder
  t.same(depths('cornet_s', 'V1.output-t0', 'V2.output-t0', 'V2.output-t1', 'V4.output-t0', 'V4.output-t3', 'IT.output-t0', 'IT.output-t1', 'decoder'), [2, 6, 9, 13, 22, 26, 29, 30, 30])
  // at the first step nothing has reached the areas above V1: one convolution of zeros
  t.same(depths('cornet_rt', 'V1.output-t0', 'IT.output-t0', 'IT.output-t4'), [2, 1, 9, 10])
  t.same(depths('pixels', 'pixels'), [0, 0])
})

t.test('the depth that a name states', async (t) => {
  for (const id of backboneIds) {
    const said = /^(?:vgg|resnet|resnext|wide_resnet|densenet)(\d+)/.exec(id)?.[1]
    if (said !== undefined) t.equal(depths(id).at(-1), Number(said), id)
  }
  t.equal(depths('googlenet').at(-1), 22, 'as its paper says')
})

t.test('parameters, as torchvision and the CORnets state them', async (t) => {
  const stated = { alexnet: 61100840, resnet18: 11689512, resnet50: 25557032, vgg16: 138357544, densenet121: 7978856, googlenet: 6624904, mobilenet_v2: 3504872, efficientnet_b0: 5288548, convnext_tiny: 28589128, cornet_z: 2071656, cornet_rt: 5208936, cornet_s: 53416616, pixels: 0 }
  for (const [id, count] of Object.entries(stated)) t.equal(parameterCount(getBackbone(id)), count, id)
})

t.test('a user’s model: products with a weight of the file count, those of two values do not', async (t) => {
  const given = (opType: string, inputs: string[], name: string, ...weights: string[]): GraphNode => ({ name, inputs, shape: [4], operation: { kind: 'given', node: node(opType, [...inputs, ...weights], [name]) } })
  const nodes: GraphNode[] = [
    { name: 'input', inputs: [], shape: [3, 2, 2], operation: { kind: 'input' } },
    given('Conv', ['input'], 'conv', 'w', 'b'),
    given('BatchNormalization', ['conv'], 'norm', 'scale', 'shift', 'mean', 'variance'),
    given('MatMul', ['norm'], 'query', 'q'),
    given('MatMul', ['query', 'norm'], 'attention'),
    given('Gemm', ['attention'], 'head', 'h'),
  ]
  const taps = new Map(nodes.map(({ name }) => [name, name]))
  const { layers, total } = depthsOf({ nodes, taps })
  t.same([...layers], [['input', 0], ['conv', 1], ['norm', 1], ['query', 2], ['attention', 2], ['head', 3]])
  t.equal(total, 3)
  const sizes = { w: [4, 3, 3, 3], b: [4], scale: [4], shift: [4], mean: [4], variance: [4], q: [4, 4], h: [4, 2], unused: [100] }
  const params = Object.entries(sizes).map(([name, shape]): ParamSpec => ({ name, shape, kind: 'weight', init: null }))
  t.equal(parameterCount({ nodes, params }), 108 + 4 + 4 + 4 + 16 + 8)
})
