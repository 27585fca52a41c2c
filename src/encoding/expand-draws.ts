import { mean } from './scores/statistics.ts'
import { studentT975 } from './scores/student-t.ts'
import { uniqueSorted } from './splits/unique.ts'

/** The 97.5 % point of the normal distribution. */
const NORMAL_975 = 1.959963984540054

/**
 * By how much draws of few units have to be spread to give intervals that cover: n units drawn from n vary less than they should by
 * sqrt((n - 1) / n), and quantiles of the draws are to Student's t what normal ones are (the expanded percentile interval: Hesterberg 2015).
 */
export const expansionOf = (units: ArrayLike<number | string>): number => {
  const count = uniqueSorted(units).values.length
  return count < 2 ? 1 : Math.sqrt(count / (count - 1)) * (studentT975(count - 1) / NORMAL_975)
}

/** Draws spread about their mean by a factor. */
export const expandDraws = (draws: Float64Array, factor: number): Float64Array => {
  const centre = mean(draws)
  return centre === null ? draws : draws.map((x) => centre + factor * (x - centre))
}
