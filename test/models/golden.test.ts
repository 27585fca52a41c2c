import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import type { GraphNode, LayerGraph } from '../../src/models/graph.ts'
import type { Golden } from '../helper/golden.ts'
import { compareWithGolden, goldenFile } from '../helper/golden.ts'
import { needs, sharedJson } from '../helper/shared.ts'

for (const id of ['squeezenet1_1', 'resnet18', 'resnet34', 'mobilenet_v2', 'densenet121', 'alexnet', 'cornet_z', 'cornet_rt', 'inception_v3', 'efficientnet_b0']) {
  t.test(`${id}: every tap is PyTorch's`, needs(...goldenFile(id)), async (t) => {
    const { missed, worst } = await compareWithGolden(getBackbone(id), sharedJson<Golden>(...goldenFile(id)))
    t.strictSame(missed, [], `worst error ${worst.toFixed(3)} of its tolerance`)
  })
}

/** The graph with one kind of node changed. */
const altered = (graph: LayerGraph, change: (node: GraphNode) => GraphNode): LayerGraph => ({ ...graph, nodes: graph.nodes.map(change) })

t.test('the tolerances see a wrong epsilon', needs(...goldenFile('resnet18')), async (t) => {
  const wrong = altered(getBackbone('resnet18'), (node) =>
    node.operation.kind === 'batchNorm' ? { ...node, operation: { ...node.operation, epsilon: 0 } } : node)
  const { missed } = await compareWithGolden(wrong, sharedJson<Golden>(...goldenFile('resnet18')))
  t.ok(missed.includes('fc'), 'a batch-norm epsilon of 0')
})
