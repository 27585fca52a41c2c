import t from 'tap'
import { brainScoreTiming, stepDuring } from '../../../src/models/backbones/cornet-timing.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { allSteps } from '../../../src/models/time-steps.ts'

const { V1, V4, IT } = brainScoreTiming.cornet_s

t.test('the steps are those of the network', async (t) => {
  for (const [area, { steps }] of Object.entries(brainScoreTiming.cornet_s)) t.equal(allSteps(getBackbone('cornet_s'), area).length, steps, area)
})

t.test('the step that shares most time with a window', async (t) => {
  const during = (timing: typeof IT, startMs: number, endMs: number) => stepDuring(timing, { startMs, endMs })
  t.same([during(IT, 70, 170), during(IT, 150, 250), during(IT, 160, 260)], [0, 0, 1], '100-200 and 200-300 ms; as much in both is the earlier one')
  t.same([during(V4, 70, 170), during(V4, 150, 180), during(V4, 240, 400)], [0, 1, 3], 'four of 50 ms from 90 on')
  t.same([during(V1, 0, 50), during(V1, 150, 200), during(V1, 149, 200)], [null, null, 0], 'a window ends before its end')
})
