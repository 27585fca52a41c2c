import t from 'tap'
import { accuraciesOf, rankOfClass, topShares } from '../../../src/encoding/classification/accuracy.ts'
import { choosePenalty, penaltyRange } from '../../../src/encoding/classification/choose-penalty.ts'
import { wilsonInterval } from '../../../src/encoding/classification/wilson.ts'
import { logisticProblem } from '../../../src/encoding/logistic/logistic.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gauss } from '../../helper/generator.ts'

t.test('Wilson’s interval solves its quadratic: the bounds are the shares from which the observed one lies 1.96 standard errors away', async (t) => {
  for (const [k, n] of [[8, 10], [1, 300], [299, 300], [37_311, 50_000]]) {
    for (const bound of wilsonInterval(k, n)) t.ok(Math.abs(Math.abs(k / n - bound) / Math.sqrt((bound * (1 - bound)) / n) - 1.959963984540054) < 1e-9, `${k} of ${n}: ${bound}`)
  }
  // Newcombe 1998, table I, method 3; SciPy 1.10 gives .25530 and .36621
  const [low, high] = wilsonInterval(81, 263)
  t.ok(Math.abs(low - 0.2553) < 5e-5 && Math.abs(high - 0.3662) < 5e-5)
  t.equal(wilsonInterval(0, 20)[0], 0)
  t.equal(wilsonInterval(20, 20)[1], 1)
})

t.test('a rank counts what comes before the true class; equal scores gain nothing', async (t) => {
  t.equal(rankOfClass(Float64Array.of(0.1, 3, 2, -1), 1), 0)
  t.equal(rankOfClass(Float64Array.of(0.1, 3, 2, -1), 3), 3)
  t.same([0, 1, 2, 3].map((label) => rankOfClass(new Float32Array(4), label)), [0, 1, 2, 3])
})

t.test('accuracies in all and per class; the best five say nothing of five classes', async (t) => {
  const labels = Int32Array.of(0, 0, 2, 2, 2, 5)
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const { top1, top5, perClass } = accuraciesOf([0, 4, 5, 0, 0, 1], labels, names, { perClass: true })
  t.match(top1, { value: 0.5, correct: 3, images: 6 })
  t.match(top5, { correct: 5 })
  t.same(perClass, [
    { label: 'a', images: 2, top1: 0.5, top5: 1 },
    { label: 'c', images: 3, top1: 2 / 3, top5: 2 / 3 },
    { label: 'f', images: 1, top1: 0, top5: 1 },
  ])
  const five = accuraciesOf([0], Int32Array.of(1), names.slice(0, 5))
  t.equal(five.top5, null)
  t.match(five.top5Reason, /5 classes/)
  t.same(topShares([0, 1, 4, 9], 10), { top1: 0.25, top5: 0.75 })
})

t.test('the range of C is that of CORnet-S: 10 logarithmic steps from 0.0005 to 0.05', async (t) => {
  t.equal(penaltyRange.length, 10)
  t.ok(Math.abs(penaltyRange[0] - 0.0005) < 1e-18 && Math.abs(penaltyRange[9] - 0.05) < 1e-16)
  for (const i of [1, 5, 9]) t.ok(Math.abs(penaltyRange[i] / penaltyRange[i - 1] - 10 ** (2 / 9)) < 1e-12)
})

t.test('C is the one of the best held-out top-1, of equals the smaller; each fit is scored', async (t) => {
  const [n, p, classes] = [60, 8, 3]
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes)
  const centre = gauss('choose:centre', classes * p)
  const rows = (tag: string): Float32Array => Float32Array.from(gauss(tag, n * p), (e, at) => centre[labels[Math.floor(at / p)] * p + (at % p)] + 2 * e)
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  const tools = { la: await createLinearAlgebra(), products }
  const problem = await logisticProblem({ rows: n, cols: p, data: rows('choose:train') }, labels, classes, tools)
  const steps: number[] = []
  const heldOut = { X: { rows: n, cols: p, data: rows('choose:held') }, labels }
  const { C, path } = await choosePenalty(problem, [10, 1e-4, 1e-2, 1e-1, 1], heldOut, classes, tools, { onStep: (done) => steps.push(done) })
  t.same(path.map((one) => one.C), [1e-4, 1e-2, 1e-1, 1, 10], 'ascending')
  const best = Math.max(...path.map(({ top1 }) => top1))
  t.equal(C, path.find(({ top1 }) => top1 === best)!.C)
  t.same(steps, [1, 2, 3, 4, 5])
  t.ok(path.every((one) => one.converged && one.top5 === null))
  t.ok(Math.abs(path[0].logLoss - Math.log(classes)) < 0.05, 'a head that hardly weighs anything knows nothing')
  t.ok(path[2].logLoss < 1, `${path[2].logLoss}`)
})
