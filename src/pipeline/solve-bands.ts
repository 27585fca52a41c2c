import type { JointMapping } from '../domain/banded.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { StoredKernel } from '../encoding/banded/bands.ts'
import { searchBands } from '../encoding/banded/random-search.ts'
import { stackBands } from '../encoding/banded/stack-bands.ts'
import type { BandedFit } from '../encoding/banded/bands.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { innerOf } from '../encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../encoding/splits/inner-scheme.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { Tools } from '../encoding/tools.ts'
import { readGramFile } from './gram-file.ts'

/** A joint mapping to be fitted. Gram matrices are read from their files one by one, so that memory does not grow with the bands. */
export interface BandsProblem {
  /** a Gram file per band */
  files: readonly string[]
  /** mean responses, (stimulus x site), finite on the training rows */
  Y: Matrix
  mapping: JointMapping
  /** (candidate x band) */
  candidates: Matrix
  inner: InnerScheme
}

export interface SolvedBands extends BandedFit {
  predictions: Matrix
  /** share of each candidate in each site's prediction, (candidate x site), columns summing to 1 */
  shares: Matrix
  /** penalty of each site, as a number and among the request's alphas: of the candidate with the largest share */
  alphas: Float64Array
  alphaIndex: Int32Array
  innerScores: InnerScores
  rank: number
}

/** Fits a joint mapping on the training rows and predicts the test rows. */
export const solveBands = async ({ files, Y, mapping, candidates, inner, train, test }: BandsProblem & Split, tools: Tools): Promise<SolvedBands> => {
  const n = Y.rows
  const kernels = files.map((file): StoredKernel => ({ rows: n, cols: n, read: () => ({ rows: n, cols: n, data: readGramFile(file).K }) }))
  const problem = { kernels, Y, train, test, scale: 'trace', candidates, alphas: mapping.alphas, inner: innerOf(inner, train) } as const
  if (mapping.method === 'auto') {
    const { alphas, alphaIndex, shares, ...found } = await stackBands({ ...problem, alphaPer: 'site' }, tools)
    const m = Y.cols
    const leading = Int32Array.from({ length: m }, (_, j) => leadingCandidate(shares, j))
    return { ...found, shares, alphas: Float64Array.from(leading, (c, j) => alphas.data[c * m + j]), alphaIndex: leading.map((c, j) => alphaIndex[c * m + j]) }
  }
  const { chosen, loss: _, ...found } = await searchBands({ ...problem, alphaPer: mapping.alphaPer, weightsPer: mapping.weightsPer }, tools)
  const shares: Matrix = { rows: candidates.rows, cols: Y.cols, data: new Float64Array(candidates.rows * Y.cols) }
  chosen.forEach((c, j) => (shares.data[c * Y.cols + j] = 1))
  return { ...found, shares }
}

const leadingCandidate = ({ rows, cols, data }: Matrix, site: number): number => {
  let best = 0
  for (let c = 1; c < rows; c++) if (data[c * cols + site] > data[best * cols + site]) best = c
  return best
}
