import t from 'tap'
import { VentralError } from '../../../src/domain/errors.ts'
import { backboneIds, getBackbone, listBackbones } from '../../../src/models/backbones/index.ts'
import { distinctLayers, findLayer } from '../../../src/models/graph.ts'
import { sizeOf } from '../../../src/models/shapes.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import type { Golden } from '../../helper/golden.ts'
import { goldenFile } from '../../helper/golden.ts'

const trainable = (id: string): number =>
  getBackbone(id)
    .params.filter(({ kind }) => kind !== 'runningMean' && kind !== 'runningVar')
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0)

t.test('parameter counts are the published ones', async (t) => {
  const published: Record<string, number> = {
    alexnet: 61_100_840,
    vgg11: 132_863_336,
    vgg11_bn: 132_868_840,
    vgg13: 133_047_848,
    vgg13_bn: 133_053_736,
    vgg16: 138_357_544,
    vgg16_bn: 138_365_992,
    vgg19: 143_667_240,
    vgg19_bn: 143_678_248,
    squeezenet1_0: 1_248_424,
    squeezenet1_1: 1_235_496,
    densenet121: 7_978_856,
    densenet161: 28_681_000,
    densenet169: 14_149_480,
    densenet201: 20_013_928,
    mobilenet_v2: 3_504_872,
    mobilenet_v3_large: 5_483_032,
    mobilenet_v3_small: 2_542_856,
    efficientnet_b0: 5_288_548,
    efficientnet_b1: 7_794_184,
    efficientnet_b2: 9_109_994,
    efficientnet_b3: 12_233_232,
    efficientnet_b4: 19_341_616,
    googlenet: 6_624_904,
    inception_v3: 27_161_264,
    xception: 22_855_952,
    pnasnet5large: 86_057_668,
    shufflenet_v2_x0_5: 1_366_792,
    shufflenet_v2_x1_0: 2_278_604,
    shufflenet_v2_x1_5: 3_503_624,
    shufflenet_v2_x2_0: 7_393_996,
    convnext_tiny: 28_589_128,
    convnext_small: 50_223_688,
    convnext_base: 88_591_464,
    resnet18: 11_689_512,
    resnet34: 21_797_672,
    resnet50: 25_557_032,
    resnet101: 44_549_160,
    resnet152: 60_192_808,
    resnext50_32x4d: 25_028_904,
    wide_resnet50_2: 68_883_240,
    cornet_z: 2_071_656,
    cornet_r: 5_208_936,
    cornet_rt: 5_208_936,
    cornet_s: 53_416_616,
    basenet: 12_276_776,
    hmax: 0,
    'v1-gabor': 0,
    pixels: 0,
  }
  t.strictSame(Object.fromEntries(backboneIds.map((id) => [id, trainable(id)])), published)
})

for (const id of backboneIds) {
  t.test(`${id}: parameters and taps are those of the checkpoint and of torch`, needs(...goldenFile(id)), async (t) => {
    const golden = sharedJson<Golden>(...goldenFile(id))
    const graph = getBackbone(id)
    const expected = golden.params!.filter(([, , kind]) => kind !== 'nbt').map(([name, shape]) => `${name} ${shape.join('x')}`)
    t.strictSame(graph.params.map(({ name, shape }) => `${name} ${shape.join('x')}`), expected, 'names, shapes and order')
    const shapes = Object.fromEntries(graph.layers.map(({ name, shape }) => [name, shape.join('x')]))
    for (const tap of golden.taps) t.equal(shapes[tap.name], tap.shape.slice(1).join('x'), tap.name)
    t.equal(graph.inputSize, golden.input_size)
  })
}

t.test('every backbone offers default layers, and its taps hold together', async (t) => {
  for (const graph of listBackbones()) {
    const defaults = graph.layers.filter((layer) => layer.default)
    t.ok(defaults.length >= 1 && defaults.length <= 12, `${graph.id}: ${defaults.length} default layers`)
    const nodes = new Set(graph.nodes.map(({ name }) => name))
    t.ok(graph.layers.every(({ name }) => nodes.has(graph.taps.get(name)!)), `${graph.id}: every tap has a node`)
    t.ok(graph.layers.every(({ units, shape }) => units === sizeOf(shape)))
    const distinct = distinctLayers(graph)
    t.equal(new Set(distinct.map(({ name }) => graph.taps.get(name))).size, distinct.length, `${graph.id}: distinct layers share no node`)
    t.ok(defaults.every((layer) => distinct.includes(layer)), `${graph.id}: the defaults are among them`)
  }
})

t.test('default layers come after the non-linearity', async (t) => {
  const defaults = (id: string): string[] => getBackbone(id).layers.filter((layer) => layer.default).map(({ name }) => name)
  t.strictSame(defaults('resnet50'), ['relu', 'layer1', 'layer2', 'layer3', 'layer4', 'avgpool'])
  t.strictSame(defaults('cornet_s'), ['V1.output-t0', 'V2.output-t1', 'V4.output-t3', 'IT.output-t1'])
  t.strictSame(defaults('pixels'), ['pixels'])
  t.notOk(getBackbone('cornet_s').layers.some((layer) => layer.default && layer.region === undefined), "a CORnet's defaults have their region")
  t.equal(findLayer(getBackbone('cornet_s'), 'V4.conv2-t3').region, 'V4')
  t.equal(findLayer(getBackbone('cornet_s'), 'decoder.linear').region, undefined)
})

t.test('a wrong name is answered with the nearest ones', async (t) => {
  const caught = (run: () => unknown): VentralError => {
    try {
      run()
    } catch (error) {
      if (error instanceof VentralError) return error
    }
    throw new Error('no VentralError')
  }
  const backbone = caught(() => getBackbone('resnet-50'))
  t.equal(backbone.code, 'unknown-backbone')
  t.match(backbone.message, /resnet50/)
  t.equal(caught(() => getBackbone('constructor')).code, 'unknown-backbone', 'not a property of every object')
  const layer = caught(() => findLayer(getBackbone('resnet18'), 'layr4'))
  t.equal(layer.code, 'unknown-layer')
  t.match(layer.message, /layer4/)
})
