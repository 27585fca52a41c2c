import type { Matrix } from '../../src/domain/matrix.ts'
import type { HeldOut } from '../../src/encoding/scores/fold-scores.ts'
import { kFold } from '../../src/encoding/splits/k-fold.ts'
import { createRandomState } from '../../src/numerics/random/mt19937.ts'
import { rowsOf } from './reference.ts'

/** Models that are fixed: prediction = .7 (.8 s + .6 z), response = s + noise, all normal. */
export const SCALE = 0.7
export const SHARE = 0.8
export const noiseOf = (m: number): number[] => Array.from({ length: m }, (_, j) => (m === 1 ? 1 : 0.5 + (1.5 * j) / (m - 1)))

export const simulate = (seed: number, n: number, m: number, networks = 1): { Y: Matrix; predictions: Matrix[] } => {
  const noise = noiseOf(m)
  const random = createRandomState(seed)
  const normal = (): Float64Array => Float64Array.from({ length: n * m }, () => random.gauss())
  const [signal, e] = [normal(), normal()]
  const predictions = Array.from({ length: networks }, () => {
    const z = normal()
    return { rows: n, cols: m, data: signal.map((s, i) => SCALE * (SHARE * s + Math.sqrt(1 - SHARE ** 2) * z[i])) }
  })
  return { Y: { rows: n, cols: m, data: signal.map((s, i) => s + noise[i % m] * e[i]) }, predictions }
}

export const inFolds = (predictions: Matrix, folds: number): HeldOut[] =>
  kFold(predictions.rows, { folds, shuffle: false }).map(({ test }) => ({ test, predictions: rowsOf(predictions, test) }))
