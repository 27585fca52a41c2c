import t from 'tap'
import { backboneIds, getBackbone } from '../../src/models/backbones/index.ts'
import { allSteps, layerAtStep, timeStepsOf } from '../../src/models/time-steps.ts'

t.test("the areas' time steps are the paper's", async (t) => {
  const times = (id: string) => Object.fromEntries(['V1', 'V2', 'V4', 'IT'].map((area) => [area, timeStepsOf(getBackbone(id), area).map(({ step }) => step)]))
  t.strictSame(times('cornet_s'), { V1: [0], V2: [0, 1], V4: [0, 1, 2, 3], IT: [0, 1] })
  for (const id of ['cornet_r', 'cornet_rt']) t.strictSame(times(id), Object.fromEntries(['V1', 'V2', 'V4', 'IT'].map((area) => [area, [0, 1, 2, 3, 4]])), id)
  t.strictSame(times('cornet_z'), { V1: [0], V2: [0], V4: [0], IT: [0] })
})

t.test('a step is a tap of its own, and the area itself is its last one', (t) => {
  const graph = getBackbone('cornet_s')
  t.equal(layerAtStep(graph, 'IT', 1), 'IT.output-t1')
  t.equal(graph.taps.get('IT.output-t1'), graph.taps.get('IT'))
  t.not(graph.taps.get(layerAtStep(graph, 'IT', 0)), graph.taps.get('IT'))
  t.equal(layerAtStep(graph, 'V4.conv2', 3), 'V4.conv2-t3', 'a module that runs at several steps')
  for (const id of backboneIds)
    for (const { name } of getBackbone(id).layers) for (const { tap } of timeStepsOf(getBackbone(id), name)) t.ok(getBackbone(id).taps.has(tap), tap)
  t.end()
})

t.test('steps that a layer lacks are refused by name', async (t) => {
  const graph = getBackbone('cornet_s')
  t.throws(() => layerAtStep(graph, 'IT', 5), { code: 'unknown-layer', message: 'The layer IT of cornet_s has no time step 5. Its time steps are 0, 1.', errors: [{ pointer: '/timeStep', expected: '0, 1', found: '5' }] })
  t.throws(() => layerAtStep(graph, 'decoder.avgpool', 0), { code: 'unknown-layer', message: /decoder\.avgpool of cornet_s has no time steps\. V1, V2, V4, IT have/ })
  t.throws(() => layerAtStep(graph, 'IT.output-t1', 1), { code: 'unknown-layer', message: /no time steps/ })
  t.throws(() => layerAtStep(graph, 'I', 1), { code: 'unknown-layer', message: /has no layer "I"/ })
  t.throws(() => allSteps(getBackbone('alexnet'), 'features.2'), { code: 'unknown-layer', message: /No layer of alexnet has any/ })
})
