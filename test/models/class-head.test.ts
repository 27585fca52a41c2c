import t from 'tap'
import { backboneIds, getBackbone } from '../../src/models/backbones/index.ts'
import { classHead, neededHead } from '../../src/models/class-head.ts'
import { sizeOf } from '../../src/models/shapes.ts'

t.test('every classifier is found, by its logits', (t) => {
  const without = backboneIds.filter((id) => classHead(getBackbone(id)) === null)
  t.ok(['pixels', 'v1-gabor'].every((id) => without.includes(id)))
  for (const id of backboneIds.filter((id) => !without.includes(id))) {
    const graph = getBackbone(id)
    const { logits, classes } = classHead(graph)!
    t.equal(classes, 1000, id)
    t.equal(sizeOf(graph.layers.find(({ name }) => name === logits)!.shape), classes)
  }
  t.end()
})

t.test('the maps that the classes are a weighted mean of', (t) => {
  const mapsOf = (id: string) => classHead(getBackbone(id))!.maps
  const found: [string, string, string | null][] = [
    ['resnet18', 'layer4', 'fc.weight'],
    ['densenet121', 'relu', 'classifier.weight'],
    ['mobilenet_v2', 'features', 'classifier.1.weight'],
    ['efficientnet_b0', 'features', 'classifier.1.weight'],
    ['googlenet', 'inception5b', 'fc.weight'],
    ['inception_v3', 'Mixed_7c', 'fc.weight'],
    ['shufflenet_v2_x1_0', 'conv5', 'fc.weight'],
    ['squeezenet1_1', 'classifier.2', null],
    ...['cornet_z', 'cornet_r', 'cornet_rt', 'cornet_s'].map((id): [string, string, string] => [id, 'IT', 'decoder.linear.weight']),
  ]
  for (const [id, tap, weight] of found) t.match(mapsOf(id), { tap, weights: weight === null ? null : { weight } }, id)
  for (const id of ['alexnet', 'vgg16', 'mobilenet_v3_large', 'convnext_tiny']) t.match(mapsOf(id), { missing: /do not follow from the mean of its last maps by one linear layer/ }, id)
  t.end()
})

t.test('a backbone without classes is told apart', async (t) => {
  t.throws(() => neededHead(getBackbone('pixels')), { code: 'invalid-value', message: /pixels has no classes/, errors: [{ pointer: '/backbone', found: 'pixels' }] })
})
