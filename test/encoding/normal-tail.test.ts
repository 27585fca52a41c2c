import t from 'tap'
import { pairedDifference } from '../../src/encoding/differences.ts'
import { erfc, withNormalTail } from '../../src/encoding/normal-tail.ts'
import { std } from '../../src/encoding/scores/statistics.ts'
import { gauss } from '../helper/generator.ts'

t.test('erfc as in C’s math library', async (t) => {
  for (const [z, value] of [[0, 1], [0.5, 0.4795001221869535], [1, 0.15729920705028513], [3, 2.209049699858544e-5], [6, 2.1519736712498913e-17]]) t.ok(Math.abs(erfc(z) / value - 1) < 1.2e-7, `${z}`)
})

t.test('beyond the draws p goes on as the normal distribution does', async (t) => {
  const zero = new Float64Array(999)
  const p = (difference: number, draws: Float64Array): [counted: number, tailed: number] => {
    const found = pairedDifference(difference, 0, draws, zero)
    return [found.p!, withNormalTail(found, draws, zero).p!]
  }
  const draws = gauss('tail', 999)
  const sd = std(draws, 1)!
  const [near, nearTailed] = p(1.5 * sd, draws)
  t.equal(nearTailed, near, 'counted where there is something to count')
  t.ok(Math.abs(near - 0.1336) < 0.03)
  const [far, farTailed] = p(6 * sd, draws)
  t.equal(far, 0.002)
  t.ok(Math.abs(farTailed / 1.9731752900753e-9 - 1) < 1e-6, '2 (1 - Φ(6))')
  const [short, shortTailed] = p(2, Float64Array.from(draws, (x) => Math.sign(x)))
  t.same([short, shortTailed], [0.002, 0.002], 'never more than was counted')
  t.same(withNormalTail({ difference: null, interval: null, p: null }, draws, zero).p, null)
  t.equal(p(0, zero)[1], 1)
  t.equal(p(0.3, Float64Array.from(draws, (_, k) => 0.3 + (k % 2) * 1e-17))[1], 0.002, 'draws without spread say no more than their count')
  t.ok(p(1, draws.map((x) => 1 + 1e-6 * x))[1] > 0, 'and no p is 0')
})
