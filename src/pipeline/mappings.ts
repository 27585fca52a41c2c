import type { LinearMapping, Mapping, PlsMapping } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { DualFit } from '../encoding/dual-fit.ts'
import type { PrimalFit } from '../encoding/primal/primal-fit.ts'
import { fitLinearFold } from '../encoding/linear/linear.ts'
import { fitPlsFold, nipalsSklearn } from '../encoding/pls/pls.ts'
import { fitByPattern, perSite } from '../encoding/missing/fit-by-pattern.ts'
import { missingPatterns, sawAll } from '../encoding/missing/patterns.ts'
import { fitRidgeAllByPattern, fitRidgeFoldByPattern } from '../encoding/missing/ridge-by-pattern.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { scoreFolds } from '../encoding/scores/fold-scores.ts'
import type { HeldOut } from '../encoding/scores/fold-scores.ts'
import { innerIfEnough, innerSplitsOf } from '../encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../encoding/splits/inner-scheme.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { Tools } from '../encoding/tools.ts'
import { componentsOf } from './components-of.ts'
import { fitPrimal, takesPrimal } from './primal-mapping.ts'

/** A mapping to be fitted: Gram matrix (stimulus x stimulus), responses (stimulus x site), and how its training rows are divided. */
export interface MappingProblem {
  K: Matrix
  /** the activations themselves (stimulus x unit), where they are few enough to be fitted to; else null */
  X?: Matrix | null
  Y: Matrix
  mapping: Mapping
  /** its divisions choose penalties, and between layers */
  inner: InnerScheme
}

/** A fitted mapping with the penalties of its sites (NaN where the method has none) and its scores on the inner folds. */
export type FittedMapping = (DualFit | PrimalFit) & {
  alphas: Float64Array
  alphaIndex: Int32Array
  innerScores: InnerScores
}

/**
 * Fits one outer fold and predicts its test rows. Sites that saw different stimuli are fitted apart, each pattern on those of the training
 * rows that its sites saw; with too few of these a site has NaN throughout.
 */
export const fitMappingFold = async ({ K, X = null, Y, mapping, inner, split }: MappingProblem & { split: Split }, tools: Tools): Promise<FittedMapping & { predictions: Matrix }> => {
  if (X !== null && takesPrimal(mapping, split.train.length, X.cols) && sawAll(missingPatterns(Y), Y)) return fitPrimal({ X, Y, mapping, inner, ...split }, tools)
  if (mapping.method === 'ridge') return fitRidgeFoldByPattern({ K, Y, ...mapping, pca: componentsOf(mapping.pca), ...split, innerOf: (train) => innerIfEnough(inner, train) }, tools)
  const fit = (task: { Y: Matrix; train: Int32Array }) => fitPlain({ K, mapping, inner, test: split.test, ...task }, tools)
  if (sawAll(missingPatterns(Y), Y)) return { ...withoutPenalty(Y.cols), ...(await fit({ Y, train: split.train })) }
  const { parts, ...found } = await fitByPattern(Y, split.train, split.test, (task) => (innerIfEnough(inner, task.train) === null ? Promise.resolve(null) : fit(task)))
  const innerScores = {
    correlation: perSite(parts, Y.cols, (part) => part.innerScores.correlation),
    explainedVariance: perSite(parts, Y.cols, (part) => part.innerScores.explainedVariance),
  }
  return { ...withoutPenalty(Y.cols), innerScores, ...found }
}

/** Fits `rows` of the stimuli (all of them, but for those that a given split leaves out): what an encoder is made from. */
export const fitMappingAll = async ({ rows, ...problem }: MappingProblem & { rows?: Int32Array }, tools: Tools): Promise<FittedMapping> => {
  const { K, X = null, Y, mapping, inner } = problem
  const train = rows ?? Int32Array.from({ length: K.rows }, (_, i) => i)
  const isPrimal = X !== null && takesPrimal(mapping, train.length, X.cols) && sawAll(missingPatterns(Y), Y)
  if (mapping.method === 'ridge' && !isPrimal) return fitRidgeAllByPattern({ K, Y, ...mapping, pca: componentsOf(mapping.pca), rows: train, innerOf: (part) => innerIfEnough(inner, part) }, tools)
  const { predictions: _, ...fit } = await fitMappingFold({ ...problem, split: { train, test: new Int32Array(0) } }, tools)
  return fit
}

type PlainMapping = LinearMapping | PlsMapping
type PlainProblem = Omit<MappingProblem, 'mapping'> & Split & { mapping: PlainMapping }

/** A mapping without penalties, with its scores on the inner folds, by which nested choice prefers a layer. */
const fitPlain = async ({ K, Y, mapping, inner, train, test }: PlainProblem, tools: Tools): Promise<DualFit & { predictions: Matrix; innerScores: InnerScores }> => {
  const folds: HeldOut[] = []
  for (const split of innerSplitsOf(inner, train)) folds.push({ test: split.test, predictions: (await fitRows(K, Y, mapping, split, tools)).predictions })
  const { r, ev } = scoreFolds(folds, Y)
  return { innerScores: { correlation: r, explainedVariance: ev }, ...(await fitRows(K, Y, mapping, { train, test }, tools)) }
}

const fitRows = (K: Matrix, Y: Matrix, mapping: PlainMapping, { train, test }: Split, tools: Tools): Promise<DualFit & { predictions: Matrix }> =>
  mapping.method === 'linear' ? fitLinearFold({ K, Y, train, test, pca: componentsOf(mapping.pca) }, tools) : fitPlsFold({ K, Y, train, test, ...plsOptions(mapping) }, tools)

const plsOptions = ({ components, yScale, perSite, solver, pca }: PlsMapping) => ({
  components,
  yScale,
  perSite,
  pca: componentsOf(pca),
  ...(solver === 'exact' ? {} : { solver: nipalsSklearn }),
})

const withoutPenalty = (sites: number): { alphas: Float64Array; alphaIndex: Int32Array } => ({ alphas: new Float64Array(sites).fill(NaN), alphaIndex: new Int32Array(sites) })
