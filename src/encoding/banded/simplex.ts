import type { Matrix } from '../../domain/matrix.ts'
import { createRandomState } from '../../numerics/random/mt19937.ts'
import type { RandomState } from '../../numerics/random/mt19937.ts'

export interface SimplexDraws {
  count: number
  seed: number
  /** concentrations of the Dirichlet distribution, taken in turn: under 1 near the corners, 1 uniform (default .1 and 1, as himalaya has them) */
  concentrations?: readonly number[]
}

/** Points on the simplex over so many bands, (draw x band): rows over 0 that sum to 1, the same for the same seed. */
export const drawSimplex = (bands: number, { count, seed, concentrations = [0.1, 1] }: SimplexDraws): Matrix => {
  const random = createRandomState(seed)
  const data = new Float64Array(count * bands)
  for (let c = 0; c < count; c++) {
    const concentration = concentrations[c % concentrations.length]
    const row = data.subarray(c * bands, (c + 1) * bands)
    // Small concentrations can underflow in every band at once; such a draw has no direction and is drawn again.
    let sum = 0
    while (!(sum > 0)) {
      for (let b = 0; b < bands; b++) row[b] = gamma(random, concentration)
      sum = row.reduce((a, x) => a + x, 0)
    }
    for (let b = 0; b < bands; b++) row[b] /= sum
  }
  return { rows: count, cols: bands, data }
}

/** The centre (equal weights), then the corners (one band alone), (candidate x band). With one band they are one. */
export const simplexLandmarks = (bands: number): Matrix => {
  if (bands === 1) return { rows: 1, cols: 1, data: Float64Array.of(1) }
  const data = new Float64Array((bands + 1) * bands).fill(1 / bands, 0, bands)
  for (let b = 0; b < bands; b++) data[(b + 1) * bands + b] = 1
  return { rows: bands + 1, cols: bands, data }
}

/** A standard Gamma variate: rejection by Marsaglia & Tsang (2000), and a power of a uniform number below shape 1 (Γ(a) = Γ(a+1)·U^(1/a)). */
const gamma = (random: RandomState, shape: number): number => {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.random()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.gauss()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}
