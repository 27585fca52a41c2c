import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { frozenGoldens, matchesGolden } from '../helper/frozen-golden.ts'

// Frozen from networks written in PyTorch from the description of each circuit (see variants.py beside it).
for (const golden of frozenGoldens('variants.json')) {
  t.test(`${golden.arch}: parameters and every tap are those of its description`, async (t) => {
    const graph = getBackbone(golden.arch)
    t.equal(graph.id, golden.arch)
    await matchesGolden(t, graph, golden)
  })
}
