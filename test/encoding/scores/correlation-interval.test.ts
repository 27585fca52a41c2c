import t from 'tap'
import { fisherInterval } from '../../../src/encoding/scores/correlation-interval.ts'
import { pearson } from '../../../src/encoding/scores/vectors.ts'

t.test('as scipy.stats.pearsonr(x, y).confidence_interval() of SciPy 1.10.1', async (t) => {
  const cases = [
    { x: [0.56, 0.69, 0.47, 0.747], y: [0.596, 0.678, 0.547, 0.6], r: 0.673967362807359, interval: [-0.8150820443091938, 0.9923004412829464] },
    { x: [0.56, 0.69, 0.47, 0.747, 0.76, 0.71, 0.58], y: [0.596, 0.592, 0.547, 0.6, 0.614, 0.589, 0.554], r: 0.8120862736648226, interval: [0.15195748170449933, 0.9712054705003477] },
  ]
  for (const { x, y, r, interval } of cases) {
    const found = pearson(x, y)!
    const [low, high] = fisherInterval(found, x.length)!
    for (const [a, b] of [[found, r], [low, interval[0]], [high, interval[1]]]) t.ok(Math.abs(a - b) < 1e-12, `${a} and ${b}`)
  }
})

t.test('at the edges', async (t) => {
  t.equal(fisherInterval(0.9, 3), null, 'three points say nothing of the population')
  t.same(fisherInterval(1, 5), [1, 1])
})
