import t from 'tap'
import { randomStream } from '../../../data/demo/random.ts'
import { spikeCount } from '../../../data/demo/simulate/spike-counts.ts'

const draws = 40_000

t.test('a count has the mean and the Fano factor asked for', async (t) => {
  for (const mean of [1.4, 5, 23.7, 90]) {
    for (const fano of [0.5, 0.8, 1, 1.3, 2]) {
      const stream = randomStream(`test:${mean}:${fano}`)
      const counts = Float64Array.from({ length: draws }, () => spikeCount(mean, fano, stream))
      t.ok(counts.every((count) => Number.isInteger(count) && count >= 0))
      const average = counts.reduce((sum, count) => sum + count, 0) / draws
      const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / (draws - 1)
      // Five standard errors of the mean; those of a variance are near variance x sqrt(2 / n), wider for small skewed counts.
      t.ok(Math.abs(average - mean) < 5 * Math.sqrt((fano * mean) / draws), `mean ${average} of ${mean}, Fano ${fano}`)
      t.ok(Math.abs(variance / mean - fano) < 5 * fano * Math.sqrt((2 + 3 / mean) / draws), `Fano ${variance / mean} of ${fano}, mean ${mean}`)
    }
  }
})

t.test('a mean of zero is silence', async (t) => {
  t.equal(spikeCount(0, 1, randomStream('silence')), 0)
})

t.test('a scatter that no count can have is refused', async (t) => {
  t.throws(() => spikeCount(0.3, 0.5, randomStream('impossible')), RangeError)
})
