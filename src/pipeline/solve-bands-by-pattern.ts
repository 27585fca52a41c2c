import type { Matrix } from '../domain/matrix.ts'
import { perSite } from '../encoding/missing/fit-by-pattern.ts'
import { missingPatterns, sawAll, seenOf, sitesOf } from '../encoding/missing/patterns.ts'
import type { MissingPattern } from '../encoding/missing/patterns.ts'
import { innerIfEnough } from '../encoding/splits/inner-scheme.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { Tools } from '../encoding/tools.ts'
import { solveBands } from './solve-bands.ts'
import type { BandsProblem, SolvedBands } from './solve-bands.ts'

interface Part {
  pattern: MissingPattern
  fit: SolvedBands
}

/**
 * solveBands for sites that saw different stimuli: each pattern of missing stimuli by itself, on those of the training rows that its sites
 * saw; the very same where all saw all. Sites that saw too few to be fitted have NaN throughout, an alphaIndex of -1 and weights of 0.
 */
export const solveBandsByPattern = async (problem: BandsProblem & Split, tools: Tools): Promise<SolvedBands> => {
  const { Y, train, test, inner } = problem
  const patterns = missingPatterns(Y)
  if (sawAll(patterns, Y)) return solveBands(problem, tools)
  const parts: Part[] = []
  for (const pattern of patterns) {
    const seen = seenOf(train, pattern)
    if (seen.length < 2 || innerIfEnough(inner, seen) === null) continue
    parts.push({ pattern, fit: await solveBands({ ...problem, Y: sitesOf(Y, pattern), train: seen, test }, tools) })
  }
  const m = Y.cols
  const place = new Map(Array.from(train, (row, i) => [row, i]))
  const values = (of: (fit: SolvedBands) => ArrayLike<number>): Float64Array => perSite(parts, m, of)
  const all = (rows: number, fill: number, of: (fit: SolvedBands) => Matrix): Matrix => gather(parts, { rows, cols: m, fill }, (part) => ({ matrix: of(part), rowAt: (i) => i }))
  const dualOf = (b: number): Matrix => gather(parts, { rows: train.length, cols: m, fill: 0 }, (part) => ({ matrix: part.duals[b], rowAt: (i) => place.get(part.rows[i])! }))
  const bands = problem.files.map((_, b) => b)
  return {
    duals: bands.map(dualOf),
    bias: values(({ bias }) => bias),
    rows: train,
    rank: Math.max(0, ...parts.map(({ fit }) => fit.rank)),
    predictions: all(test.length, NaN, ({ predictions }) => predictions),
    shares: all(problem.candidates.rows, NaN, ({ shares }) => shares),
    bandWeights: all(bands.length, NaN, ({ bandWeights }) => bandWeights),
    alphas: values(({ alphas }) => alphas),
    alphaIndex: Int32Array.from(values(({ alphaIndex }) => alphaIndex), (a) => (Number.isNaN(a) ? -1 : a)),
    innerScores: { correlation: values(({ innerScores }) => innerScores.correlation), explainedVariance: values(({ innerScores }) => innerScores.explainedVariance) },
  }
}

/** The patterns' columns of a matrix, each part's row i in row rowAt(i). */
const gather = (parts: readonly Part[], { rows, cols, fill }: { rows: number; cols: number; fill: number }, of: (fit: SolvedBands) => { matrix: Matrix; rowAt: (i: number) => number }): Matrix => {
  const data = new Float64Array(rows * cols).fill(fill)
  for (const { pattern, fit } of parts) {
    const { matrix, rowAt } = of(fit)
    for (let i = 0; i < matrix.rows; i++) for (const [j, site] of pattern.sites.entries()) data[rowAt(i) * cols + site] = matrix.data[i * matrix.cols + j]
  }
  return { rows, cols, data }
}
