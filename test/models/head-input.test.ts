import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { headInput } from '../../src/models/head-input.ts'
import { findLayer } from '../../src/models/graph.ts'
import { imagenetSynsets } from '../../src/models/imagenet-synsets.ts'

t.test('a new head reads what the last linear layer reads', async (t) => {
  const expected: Record<string, [string, number]> = { cornet_s: ['decoder.flatten', 512], resnet18: ['avgpool', 512], vgg16: ['classifier.5', 4096], convnext_tiny: ['classifier.1', 768] }
  for (const [id, [layer, units]] of Object.entries(expected)) {
    const graph = getBackbone(id)
    t.equal(headInput(graph), layer, id)
    t.equal(findLayer(graph, layer).units, units, id)
  }
  t.throws(() => headInput(getBackbone('squeezenet1_1')), { code: 'missing-field', message: /say which/ })
})

t.test('WordNet ids stand in the order of the outputs', async (t) => {
  t.equal(imagenetSynsets.length, 1000)
  t.same(imagenetSynsets, imagenetSynsets.toSorted())
  // tench, Egyptian cat, espresso, toilet tissue
  t.same([0, 285, 967, 999].map((k) => imagenetSynsets[k]), ['n01440764', 'n02124075', 'n07920052', 'n15075141'])
})
