import t from 'tap'
import type { Test } from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import type { LayerGraph } from '../../src/models/graph.ts'
import { randomParams } from '../../src/models/initialise.ts'
import { uniformStream, xoshiro128 } from '../../src/models/random-stream.ts'

t.test('the generator gives the published sequence of xoshiro128**', async (t) => {
  const next = xoshiro128([1, 2, 3, 4])
  t.strictSame(Array.from({ length: 10 }, next), [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804])
})

const moments = (values: Float32Array): { mean: number; std: number; max: number } => {
  let sum = 0
  let squares = 0
  let max = 0
  for (const value of values) {
    sum += value
    squares += value * value
    max = Math.max(max, Math.abs(value))
  }
  const mean = sum / values.length
  return { mean, std: Math.sqrt(squares / values.length - mean * mean), max }
}

/** |x - expected| in standard errors of a mean and of a std over n draws must be ordinary. */
const near = (t: Test, values: Float32Array, std: number, name: string): void => {
  const found = moments(values)
  const n = values.length
  t.ok(Math.abs(found.mean) < (5 * std) / Math.sqrt(n), `${name}: mean ${found.mean} is 0 within 5 standard errors`)
  t.ok(Math.abs(found.std / std - 1) < 5 / Math.sqrt(n), `${name}: std ${found.std} is ${std}`)
}

t.test('each family is drawn as its constructor in torchvision draws it', async (t) => {
  const resnet = randomParams(getBackbone('resnet18'), 0)
  near(t, resnet.get('conv1.weight')!, Math.sqrt(2 / (64 * 49)), 'ResNet conv: Kaiming normal, fan out')
  near(t, resnet.get('layer4.1.conv2.weight')!, Math.sqrt(2 / (512 * 9)), 'ResNet 3x3')
  near(t, resnet.get('fc.weight')!, 1 / Math.sqrt(512) / Math.sqrt(3), 'ResNet fc: U(±1/√512)')
  t.ok(moments(resnet.get('fc.weight')!).max <= 1 / Math.sqrt(512))
  near(t, resnet.get('fc.bias')!, 1 / Math.sqrt(512) / Math.sqrt(3), 'ResNet fc bias')
  for (const [leaf, value] of Object.entries({ weight: 1, bias: 0, running_mean: 0, running_var: 1 })) {
    t.ok(resnet.get(`layer3.0.bn2.${leaf}`)!.every((found) => found === value), `norm ${leaf} begins as ${value}`)
  }

  const squeezenet = randomParams(getBackbone('squeezenet1_1'), 0)
  near(t, squeezenet.get('features.12.expand3x3.weight')!, Math.sqrt(2 / (64 * 9)), 'SqueezeNet: Kaiming uniform, fan in')
  t.ok(moments(squeezenet.get('features.12.expand3x3.weight')!).max <= Math.sqrt(6 / (64 * 9)), 'and bounded')
  near(t, squeezenet.get('classifier.1.weight')!, 0.01, 'SqueezeNet classifier: N(0, .01²)')
  t.ok(squeezenet.get('features.0.bias')!.every((value) => value === 0), 'SqueezeNet biases are 0')

  const cornet = randomParams(getBackbone('cornet_z'), 0)
  near(t, cornet.get('IT.conv.weight')!, 1 / Math.sqrt(256 * 9) / Math.sqrt(3), "CORnet: torch's default")
})

t.test('a seed gives the same values every time, another seed others', async (t) => {
  const graph = getBackbone('squeezenet1_1')
  t.strictSame(randomParams(graph, 3), randomParams(graph, 3))
  t.not(randomParams(graph, 3).get('features.0.weight')![0], randomParams(graph, 4).get('features.0.weight')![0])
  t.not(uniformStream(1, '1:x')(), uniformStream(11, ':x')(), 'seed and name cannot run into each other')
})

t.test('a parameter does not depend on the others or their order', async (t) => {
  const graph = getBackbone('squeezenet1_1')
  const reversed: LayerGraph = { ...graph, params: graph.params.slice(10).reverse() }
  const name = 'features.12.expand3x3.weight'
  t.strictSame(randomParams(reversed, 0).get(name), randomParams(graph, 0).get(name))
})
