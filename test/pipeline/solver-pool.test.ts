import t from 'tap'
import type { Matrix } from '../../src/domain/matrix.ts'
import { makeSplits } from '../../src/encoding/splits/make-splits.ts'
import { createSolverPool } from '../../src/pipeline/solver-pool.ts'
import { gauss } from '../helper/generator.ts'

const problemOf = (n: number, p: number, m: number) => {
  const X = gauss('X', n * p)
  const K: Matrix = { rows: n, cols: n, data: new Float64Array(new SharedArrayBuffer(8 * n * n)) }
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < p; k++) K.data[i * n + j] += X[i * p + k] * X[j * p + k]
  const Y: Matrix = { rows: n, cols: m, data: gauss('Y', n * m) }
  const split = { scheme: 'kfold' as const, folds: 5, shuffle: false, seed: 0 }
  const splits = makeSplits(split, n)
  const mapping = { method: 'ridge' as const, alphas: [0.01, 1, 100], alphaUnits: 'relative' as const, alphaPer: 'site' as const, inner: { folds: 5 } }
  return { K, Y, mapping, splits, inner: { request: split, by: mapping.inner, columns: {} } }
}

t.test('steps asked for together give what they give one by one', async (t) => {
  const pool = createSolverPool(2)
  t.teardown(() => pool.close())
  const { K, Y, mapping, splits, inner } = problemOf(40, 6, 3)
  const fold = (f: number) => pool.run('fold', { K, Y, mapping, split: splits[f], inner })
  const together = await Promise.all(splits.map((_, f) => fold(f)))
  for (const [f, { test, predictions }] of together.entries()) {
    t.same(test, splits[f].test)
    t.same((await fold(f)).predictions, predictions)
  }
})

t.test('a failing step fails alone', async (t) => {
  const pool = createSolverPool(1)
  t.teardown(() => pool.close())
  const { K, Y, mapping, splits, inner } = problemOf(40, 6, 3)
  const bad = pool.run('fold', { K, Y: { ...Y, rows: 3 }, mapping, split: splits[0], inner })
  const good = pool.run('fold', { K, Y, mapping, split: splits[0], inner })
  await t.rejects(bad)
  t.equal((await good).predictions.rows, 8)
})

t.test('an abort ends the work that runs and the work that waits, with its reason', async (t) => {
  const controller = new AbortController()
  const pool = createSolverPool(1, controller.signal)
  t.teardown(() => pool.close())
  const { K, Y, mapping, splits, inner } = problemOf(900, 4, 2)
  const work = splits.map((split) => pool.run('fold', { K, Y, mapping, split, inner }))
  const outcomes = Promise.allSettled(work)
  const reason = new Error('cancelled by its user')
  await work[0]
  const from = performance.now()
  controller.abort(reason)
  for (const outcome of (await outcomes).slice(1)) t.same(outcome, { status: 'rejected', reason })
  t.ok(performance.now() - from < 2000, 'at once')
  await t.rejects(pool.run('refit', { K, Y, mapping, inner }), reason, 'and nothing starts afterwards')
})

t.test('a signal that has fired already', async (t) => {
  const reason = new Error('too late')
  const pool = createSolverPool(1, AbortSignal.abort(reason))
  t.teardown(() => pool.close())
  const { K, Y, mapping, inner } = problemOf(40, 6, 3)
  await t.rejects(pool.run('refit', { K, Y, mapping, inner }), reason)
})
