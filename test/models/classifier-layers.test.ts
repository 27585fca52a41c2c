import t from 'tap'
import { getBackbone, listBackbones } from '../../src/models/backbones/index.ts'
import { headInput, scoresLayer } from '../../src/models/classifier-layers.ts'
import { findLayer } from '../../src/models/graph.ts'
import { imagenetSynsets } from '../../src/models/imagenet-synsets.ts'

t.test('networks end in 1,000 scores; controls in none', async (t) => {
  for (const graph of listBackbones().filter(({ params }) => params.length > 0)) {
    const { layer, classes } = scoresLayer(graph)
    t.equal(classes, 1000, graph.id)
    t.equal(findLayer(graph, layer).units, 1000, `${graph.id}: ${layer}`)
  }
  for (const id of ['pixels', 'v1-gabor']) t.throws(() => scoresLayer(getBackbone(id)), { code: 'invalid-value', message: /no classes of its own/ })
})

t.test('a new head reads what the last linear layer reads', async (t) => {
  const expected: Record<string, [string, number]> = { cornet_s: ['decoder.flatten', 512], resnet18: ['avgpool', 512], vgg16: ['classifier.5', 4096], inception_v3: ['avgpool', 2048], convnext_tiny: ['classifier.1', 768], densenet121: ['features.pool', 1024] }
  for (const [id, [layer, units]] of Object.entries(expected)) {
    const graph = getBackbone(id)
    t.equal(findLayer(graph, headInput(graph)).units, units, id)
    if (id !== 'densenet121' && id !== 'inception_v3') t.equal(headInput(graph), layer)
  }
  t.throws(() => headInput(getBackbone('squeezenet1_1')), { code: 'missing-field', message: /no linear layer/ })
})

t.test('WordNet ids stand in the order of the outputs', async (t) => {
  t.equal(imagenetSynsets.length, 1000)
  t.same(imagenetSynsets, imagenetSynsets.toSorted())
  // tench, Egyptian cat, espresso, toilet tissue
  t.same([0, 285, 967, 999].map((k) => imagenetSynsets[k]), ['n01440764', 'n02124075', 'n07920052', 'n15075141'])
})
