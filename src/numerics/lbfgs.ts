import type { LinePoint } from './line-search.ts'
import { strongWolfe } from './line-search.ts'

/** The value at x, whose gradient is written into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number | Promise<number>

export interface LbfgsOptions {
  /** done when the gradient's length is at most this times max(1, the length of x); default 1e-8 */
  tolerance?: number
  /** default 1,000 */
  maxIterations?: number
  /** pairs of steps and gradient differences that stand for the Hessian; default 10 */
  memory?: number
  signal?: AbortSignal
}

export interface Minimum {
  x: Float64Array
  value: number
  gradientNorm: number
  iterations: number
  evaluations: number
  /** false: the iterations ran out, or rounding left no step that descends */
  converged: boolean
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a))

interface Pair {
  s: Float64Array
  y: Float64Array
  /** 1 / s'y */
  rho: number
}

/** -H g for the inverse Hessian H that the pairs stand for: the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4). */
const direction = (gradient: Float64Array, pairs: readonly Pair[]): Float64Array => {
  const d = gradient.map((x) => -x)
  const alphas: number[] = []
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, d)
    for (let i = 0; i < d.length; i++) d[i] -= alpha * y[i]
    alphas.push(alpha)
  }
  const last = pairs.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y))
    for (let i = 0; i < d.length; i++) d[i] *= scale
  }
  for (const { s, y, rho } of pairs) {
    const beta = alphas.pop()! - rho * dot(y, d)
    for (let i = 0; i < d.length; i++) d[i] += beta * s[i]
  }
  return d
}

/**
 * Minimises a smooth function from `start` by L-BFGS with a strong-Wolfe line search (Nocedal & Wright 2006, algorithm 7.5). Own, since
 * npm's packages either lack the method or take objectives that cannot wait for the product runtime.
 */
export const minimise = async (objective: Objective, start: Float64Array, { tolerance = 1e-8, maxIterations = 1000, memory = 10, signal }: LbfgsOptions = {}): Promise<Minimum> => {
  let x = start.slice()
  let gradient = new Float64Array(x.length)
  let value = await objective(x, gradient)
  let pairs: Pair[] = []
  let [iterations, evaluations] = [0, 1]
  const reached = (): boolean => norm(gradient) <= tolerance * Math.max(1, norm(x))
  for (; iterations < maxIterations && !reached(); iterations++) {
    signal?.throwIfAborted()
    const d = direction(gradient, pairs)
    const [next, nextGradient] = [new Float64Array(x.length), new Float64Array(x.length)]
    const evaluate = async (step: number): Promise<LinePoint> => {
      for (let i = 0; i < next.length; i++) next[i] = x[i] + step * d[i]
      evaluations++
      return { step, value: await objective(next, nextGradient), slope: dot(nextGradient, d) }
    }
    const found = await strongWolfe({ step: 0, value, slope: dot(gradient, d) }, evaluate)
    if (found === null) {
      if (pairs.length === 0) break
      pairs = [] // pairs that rounding has spoilt: once more, straight down
      continue
    }
    const s = next.map((z, i) => z - x[i])
    const y = nextGradient.map((z, i) => z - gradient[i])
    const sy = dot(s, y)
    // The curvature condition makes this positive but for rounding.
    if (sy > Number.EPSILON * dot(y, y)) pairs = [...pairs, { s, y, rho: 1 / sy }].slice(-memory)
    x = next
    gradient = nextGradient
    value = found.value
  }
  return { x, value, gradientNorm: norm(gradient), iterations, evaluations, converged: reached() }
}
