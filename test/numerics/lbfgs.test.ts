import t from 'tap'
import { minimise } from '../../src/numerics/lbfgs.ts'
import type { Objective } from '../../src/numerics/lbfgs.ts'

/** Rosenbrock's function in pairs of variables: its minimum is 0 at (1, …, 1), along a bent valley. */
const rosenbrock: Objective = (x, gradient) => {
  let value = 0
  for (let i = 0; i < x.length; i += 2) {
    const [a, b] = [1 - x[i], x[i + 1] - x[i] ** 2]
    value += a ** 2 + 100 * b ** 2
    gradient[i] = -2 * a - 400 * x[i] * b
    gradient[i + 1] = 200 * b
  }
  return value
}

t.test('Rosenbrock’s valley is followed to its minimum from the usual start', async (t) => {
  const start = Float64Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? -1.2 : 1))
  const { x, value, converged, evaluations } = await minimise(rosenbrock, start, { tolerance: 1e-10 })
  t.ok(converged && value < 1e-18, `value ${value}`)
  t.ok(x.every((z) => Math.abs(z - 1) < 1e-9))
  t.ok(evaluations < 100, `${evaluations} evaluations`)
  t.equal(start[0], -1.2, 'the start is left as it was')
})

t.test('a quadratic of condition 10,000 is solved, and steps past where the function is finite come back', async (t) => {
  const weights = Float64Array.from({ length: 30 }, (_, i) => 10 ** ((4 * i) / 29))
  const quadratic: Objective = (x, gradient) => x.reduce((sum, z, i) => ((gradient[i] = weights[i] * (z - i)), sum + (weights[i] * (z - i) ** 2) / 2), 0)
  const solved = await minimise(quadratic, new Float64Array(30), { tolerance: 1e-10 })
  t.ok(solved.converged && solved.x.every((z, i) => Math.abs(z - i) < 1e-6))
  const barrier: Objective = (x, gradient) => ((gradient[0] = 1000 - 1 / x[0]), 1000 * x[0] - Math.log(x[0])) // NaN at and below 0
  const inside = await minimise(barrier, Float64Array.of(5), { tolerance: 1e-10 })
  t.ok(inside.converged && Math.abs(inside.x[0] - 1e-3) < 1e-12)
})

t.test('what runs out of iterations, or cannot descend, says so; an abort ends it', async (t) => {
  t.equal((await minimise(rosenbrock, Float64Array.of(-1.2, 1), { maxIterations: 3 })).converged, false)
  const wrong: Objective = (x, gradient) => (gradient.fill(-1), x[0]) // a gradient that points the wrong way
  t.equal((await minimise(wrong, Float64Array.of(0))).converged, false)
  await t.rejects(minimise(rosenbrock, Float64Array.of(-1.2, 1), { signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' })
})
