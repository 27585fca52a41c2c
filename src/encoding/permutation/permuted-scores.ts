import type { Matrix } from '../../domain/matrix.ts'
import { centredCross } from '../gram.ts'
import { missingPatterns, sawAll, seenOf, sitesOf } from '../missing/patterns.ts'
import type { MissingPattern } from '../missing/patterns.ts'
import { eigenCoefficients } from '../ridge/shrinkage.ts'
import { columnMoments, explainedVarianceOf, pearsonOf } from '../scores/moments.ts'
import type { Split } from '../splits/split.ts'
import type { Tools } from '../tools.ts'
import { diagonalise, keepComponents, withResponses } from '../training-system.ts'

export interface PermutedFit {
  /** Gram matrix of the activations about any fixed vector, (stimulus x stimulus) */
  K: Matrix
  /** (stimulus x site), NaN where a site did not see a stimulus */
  Y: Matrix
  splits: readonly Split[]
  /** absolute penalty of each split and site, as chosen on the responses as they were; 0: least squares */
  alphas: readonly ArrayLike<number>[]
  permutations: readonly Int32Array[]
  statistic: 'correlation' | 'explainedVariance'
  /** fit on so many principal components of the training rows; omitted: all */
  components?: number
}

/** The observed scores per site, and those under each permutation, (permutation x site): mean over folds, NaN where no fold has one. */
export interface PermutedScores {
  observed: Float64Array
  permuted: Matrix
}

/** Values that one batch of permuted responses may hold. */
const BATCH = 1e6

/**
 * Scores of ridge fits to permuted responses, fitted anew in each split with the penalties held fixed (FORMULAS.md, Intervals). The
 * activations are diagonalised once per split; permuted responses are further sites to them. The same permutations must serve all
 * layers whose maximum is taken. Sites that saw different stimuli are fitted apart, each pattern under the permutations that the given
 * ones induce on its stimuli; splits that leave a pattern fewer than 2 training stimuli, or none to test, are left out for it.
 */
export const permutedScores = async (fit: PermutedFit, tools: Tools, signal?: AbortSignal): Promise<PermutedScores> => {
  const { Y, permutations } = fit
  const patterns = missingPatterns(Y)
  if (sawAll(patterns, Y)) return scoresOfAll(fit, tools, signal)
  const observed = new Float64Array(Y.cols).fill(NaN)
  const permuted: Matrix = { rows: permutations.length, cols: Y.cols, data: new Float64Array(permutations.length * Y.cols).fill(NaN) }
  for (const pattern of patterns) {
    const part = await scoresOfAll(partOf(fit, pattern), tools, signal)
    pattern.sites.forEach((site, j) => {
      observed[site] = part.observed[j]
      for (let b = 0; b < permutations.length; b++) permuted.data[b * Y.cols + site] = part.permuted.data[b * part.permuted.cols + j]
    })
  }
  return { observed, permuted }
}

/** The problem of one pattern's sites on the splits in which they can be fitted. */
const partOf = (fit: PermutedFit, pattern: MissingPattern): PermutedFit => {
  const seen = fit.splits.map(({ train, test }, s) => ({ s, train: seenOf(train, pattern), test: seenOf(test, pattern) }))
  const usable = seen.filter(({ train, test }) => train.length >= 2 && test.length > 0)
  return {
    ...fit,
    Y: sitesOf(fit.Y, pattern),
    splits: usable.map(({ train, test }) => ({ train, test })),
    alphas: usable.map(({ s }) => Float64Array.from(pattern.sites, (site) => fit.alphas[s][site])),
    permutations: fit.permutations.map((permutation) => inducedPermutation(permutation, pattern.rows)),
  }
}

/**
 * The permutation of some rows that one of all rows induces: each goes along its cycle to the next of them. It is uniform where the whole
 * one is, and stays within blocks where that does; other rows stay where they are.
 */
export const inducedPermutation = (permutation: Int32Array, rows: ArrayLike<number>): Int32Array => {
  const inside = new Set(Array.from(rows))
  return permutation.map((next, i) => {
    if (!inside.has(i)) return i
    let to = next
    while (!inside.has(to)) to = permutation[to]
    return to
  })
}

const scoresOfAll = async (fit: PermutedFit, tools: Tools, signal?: AbortSignal): Promise<PermutedScores> => {
  const { K, Y, splits, alphas, permutations, components } = fit
  const [n, m] = [Y.rows, Y.cols]
  const identity = Int32Array.from({ length: n }, (_, i) => i)
  const all = [identity, ...permutations]
  const batch = Math.max(1, Math.floor(BATCH / (n * m)))
  const [sums, folds] = [new Float64Array(all.length * m), new Float64Array(all.length * m)]
  for (const [s, { train, test }] of splits.entries()) {
    const whole = await diagonalise(K, train, tools)
    const diagonalised = components === undefined ? whole : keepComponents(whole, components)
    const T = await tools.products.f64(centredCross(K, diagonalised.centre, test), diagonalised.Q) // (test stimulus x eigenvector)
    for (let from = 0; from < all.length; from += batch) {
      signal?.throwIfAborted()
      const permuted = permute(Y, all.slice(from, from + batch)) // (stimulus x permutation and site)
      const system = await withResponses(diagonalised, permuted, tools)
      const predicted = await tools.products.f64(T, eigenCoefficients(system, (j) => alphas[s][j % m]), { transB: true }) // less the means
      for (let j = 0; j < permuted.cols; j++) {
        const score = scoreOf(predicted, permuted, j, test, fit.statistic)
        if (Number.isNaN(score)) continue
        sums[from * m + j] += score
        folds[from * m + j]++
      }
    }
  }
  const scores = sums.map((sum, k) => sum / folds[k])
  return { observed: scores.slice(0, m), permuted: { rows: permutations.length, cols: m, data: scores.slice(m) } }
}

/** The mean over folds of what was scored fold by fold, under the same permutations. */
export const averageFolds = (folds: readonly PermutedScores[]): PermutedScores => {
  const over = (values: readonly Float64Array[]): Float64Array =>
    values[0].map((_, k) => {
      let [sum, count] = [0, 0]
      for (const fold of values)
        if (!Number.isNaN(fold[k])) {
          sum += fold[k]
          count++
        }
      return sum / count
    })
  return { observed: over(folds.map(({ observed }) => observed)), permuted: { ...folds[0].permuted, data: over(folds.map(({ permuted }) => permuted.data)) } }
}

const permute = ({ rows: n, cols: m, data }: Matrix, permutations: readonly Int32Array[]): Matrix => {
  const cols = m * permutations.length
  const out = new Float64Array(n * cols)
  permutations.forEach((permutation, b) => {
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[i * cols + b * m + j] = data[permutation[i] * m + j]
  })
  return { rows: n, cols, data: out }
}

/** r and EV do not depend on the mean of the predictions. */
const scoreOf = (predicted: Matrix, responses: Matrix, j: number, test: Int32Array, statistic: PermutedFit['statistic']): number => {
  const moments = columnMoments(predicted.data, responses.data, responses.cols, j, test)
  return statistic === 'correlation' ? pearsonOf(moments) : explainedVarianceOf(moments)
}
