/** Centred sums of a pair of variables, predictions p and responses y, over w stimuli. */
export interface Moments {
  weight: number
  pp: number
  yy: number
  py: number
  meanP: number
  meanY: number
}

/** Two-pass centred sums of column j of two row-major arrays with `cols` columns; `rows` picks rows of y, the rows of p run along. */
export const columnMoments = (p: Float64Array, y: Float64Array, cols: number, j: number, rows: ArrayLike<number>): Moments => {
  const n = rows.length
  let [meanP, meanY] = [0, 0]
  for (let i = 0; i < n; i++) {
    meanP += p[i * cols + j]
    meanY += y[rows[i] * cols + j]
  }
  meanP /= n
  meanY /= n
  let [pp, yy, py] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const dp = p[i * cols + j] - meanP
    const dy = y[rows[i] * cols + j] - meanY
    pp += dp * dp
    yy += dy * dy
    py += dp * dy
  }
  return { weight: n, pp, yy, py, meanP, meanY }
}

/** Centred sums of several sets of stimuli taken together (Chan's update). */
export const poolMoments = (parts: readonly Moments[]): Moments =>
  parts.reduce((a, b) => {
    const weight = a.weight + b.weight
    if (weight === 0) return a
    const [dp, dy] = [b.meanP - a.meanP, b.meanY - a.meanY]
    const f = (a.weight * b.weight) / weight
    return {
      weight,
      pp: a.pp + b.pp + f * dp * dp,
      yy: a.yy + b.yy + f * dy * dy,
      py: a.py + b.py + f * dp * dy,
      meanP: a.meanP + (dp * b.weight) / weight,
      meanY: a.meanY + (dy * b.weight) / weight,
    }
  })

/** Whether a centred sum of squares is nothing but the rounding of a mean that size. */
export const isConstant = (sumOfSquares: number, mean: number, weight: number): boolean => !(sumOfSquares > weight * (4 * Number.EPSILON * mean) ** 2)

/** Pearson's r; NaN where either variable is constant. */
export const pearsonOf = ({ weight, pp, yy, py, meanP, meanY }: Moments): number =>
  isConstant(pp, meanP, weight) || isConstant(yy, meanY, weight) ? NaN : Math.max(-1, Math.min(1, py / Math.sqrt(pp * yy)))

/** EV = 1 - var(y - p) / var(y), ddof 0; NaN where y is constant. */
export const explainedVarianceOf = ({ weight, pp, yy, py, meanY }: Moments): number => (isConstant(yy, meanY, weight) ? NaN : 1 - (yy + pp - 2 * py) / yy)

/** R² = 1 - SSE / SST against the mean of these stimuli; NaN where y is constant. */
export const r2Of = (m: Moments): number =>
  isConstant(m.yy, m.meanY, m.weight) ? NaN : 1 - (m.yy + m.pp - 2 * m.py + m.weight * (m.meanY - m.meanP) ** 2) / m.yy
