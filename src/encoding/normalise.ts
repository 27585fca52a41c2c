import type { Matrix, NdArray } from '../domain/matrix.ts'
import { trialShape } from './ceilings/analytic.ts'
import { isConstant } from './scores/moments.ts'

/** Responses as deviations from their session: `zscore` less its mean over its standard deviation (ddof 0), `baseline` less its mean alone. */
export interface Normalisation {
  method: 'zscore' | 'baseline'
  /** number of each stimulus's session, from 0 */
  sessions: Int32Array
}

/** With fewer responses a session's statistics are those of single stimuli. */
export const LEAST_OF_SESSION = 2

interface Statistics {
  /** (session x site); NaN where a session has too few responses of a site */
  mean: Float64Array
  scale: Float64Array
}

/** Of the rows that are asked for, each site over those that it saw. */
const statisticsOf = ({ cols: m, data }: Matrix, rows: ArrayLike<number>, { method, sessions }: Normalisation): Statistics => {
  const cells = (sessions.reduce((most, session) => Math.max(most, session), -1) + 1) * m
  const [mean, squares, count] = [new Float64Array(cells), new Float64Array(cells), new Float64Array(cells)]
  const eachSeen = (visit: (cell: number, y: number) => void): void => {
    for (let i = 0; i < rows.length; i++)
      for (let j = 0; j < m; j++) {
        const y = data[rows[i] * m + j]
        if (!Number.isNaN(y)) visit(sessions[rows[i]] * m + j, y)
      }
  }
  eachSeen((cell, y) => {
    mean[cell] += y
    count[cell]++
  })
  for (let cell = 0; cell < cells; cell++) mean[cell] = count[cell] < LEAST_OF_SESSION ? NaN : mean[cell] / count[cell]
  eachSeen((cell, y) => (squares[cell] += (y - mean[cell]) ** 2))
  // A site that does not vary in a session becomes 0 there: dividing would blow its rounding up.
  const scale = squares.map((sum, cell) => (method === 'baseline' || isConstant(sum, mean[cell], count[cell]) ? 1 : Math.sqrt(sum / count[cell])))
  return { mean, scale }
}

/**
 * Responses (stimulus x site) normalised per site and session by the statistics of the training rows alone, all rows of them. NaN where
 * a site's session has fewer than 2 training responses, besides those that are missing. Sites that belong to one session each have no
 * other: for them it is one shift and scale.
 */
export const normaliseResponses = (Y: Matrix, train: ArrayLike<number>, normalisation: Normalisation): Matrix => {
  const { mean, scale } = statisticsOf(Y, train, normalisation)
  const m = Y.cols
  const data = Y.data.map((y, k) => {
    const cell = normalisation.sessions[Math.floor(k / m)] * m + (k % m)
    return (y - mean[cell]) / scale[cell]
  })
  return { ...Y, data }
}

/** Single trials (stimulus x site x repetition) normalised by the statistics of all stimuli's mean responses: what their reliability is of. */
export const normaliseTrials = (trials: NdArray, normalisation: Normalisation): NdArray => {
  const [n, m, repetitions] = trialShape(trials)
  const means = new Float64Array(n * m).map((_, cell) => {
    const valid = trials.data.subarray(cell * repetitions, (cell + 1) * repetitions).filter((y) => !Number.isNaN(y))
    return valid.length === 0 ? NaN : valid.reduce((a, b) => a + b, 0) / valid.length
  })
  const { mean, scale } = statisticsOf({ rows: n, cols: m, data: means }, Int32Array.from({ length: n }, (_, i) => i), normalisation)
  const data = Float64Array.from(trials.data, (y, k) => {
    const cell = Math.floor(k / repetitions)
    const at = normalisation.sessions[Math.floor(cell / m)] * m + (cell % m)
    return (y - mean[at]) / scale[at]
  })
  return { ...trials, data }
}
