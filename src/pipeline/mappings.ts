import type { LinearMapping, Mapping, PlsMapping } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { DualFit } from '../encoding/dual-fit.ts'
import { fitLinear, fitLinearFold } from '../encoding/linear/linear.ts'
import { fitPls, fitPlsFold, nipalsSklearn } from '../encoding/pls/pls.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { fitRidgeAll, fitRidgeFold } from '../encoding/ridge/ridge.ts'
import { scoreFolds } from '../encoding/scores/fold-scores.ts'
import type { HeldOut } from '../encoding/scores/fold-scores.ts'
import { innerOf, innerSplitsOf } from '../encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../encoding/splits/inner-scheme.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { Tools } from '../encoding/tools.ts'

/** A mapping to be fitted: Gram matrix (stimulus x stimulus), responses (stimulus x site), and how its training rows are divided. */
export interface MappingProblem {
  K: Matrix
  Y: Matrix
  mapping: Mapping
  /** its divisions choose penalties, and between layers */
  inner: InnerScheme
}

/** A fitted mapping with the penalties of its sites (NaN where the method has none) and its scores on the inner folds. */
export interface FittedMapping extends DualFit {
  alphas: Float64Array
  alphaIndex: Int32Array
  innerScores: InnerScores
}

/** Fits one outer fold and predicts its test rows. */
export const fitMappingFold = async ({ K, Y, mapping, inner, split }: MappingProblem & { split: Split }, tools: Tools): Promise<FittedMapping & { predictions: Matrix }> => {
  if (mapping.method === 'ridge') return fitRidgeFold({ K, Y, ...mapping, ...split, inner: innerOf(inner, split.train) }, tools)
  const innerScores = await scoreInner({ K, Y, mapping, inner }, split.train, tools)
  return { ...withoutPenalty(Y.cols), innerScores, ...(await fitFold(K, Y, mapping, split, tools)) }
}

/** Fits `rows` of the stimuli (all of them, but for those that a given split leaves out): what an encoder is made from. */
export const fitMappingAll = async ({ K, Y, mapping, inner, rows }: MappingProblem & { rows?: Int32Array }, tools: Tools): Promise<FittedMapping> => {
  const train = rows ?? Int32Array.from({ length: K.rows }, (_, i) => i)
  if (mapping.method === 'ridge') return fitRidgeAll({ K, Y, ...mapping, rows: train, inner: innerOf(inner, train) }, tools)
  const innerScores = await scoreInner({ K, Y, mapping, inner }, train, tools)
  const fit = mapping.method === 'linear' ? await fitLinear({ K, Y, train, pca: mapping.pca }, tools) : await fitPls({ K, Y, train, ...plsOptions(mapping) }, tools)
  return { ...withoutPenalty(Y.cols), innerScores, ...fit }
}

type PlainMapping = LinearMapping | PlsMapping

const fitFold = (K: Matrix, Y: Matrix, mapping: PlainMapping, { train, test }: Split, tools: Tools): Promise<DualFit & { predictions: Matrix }> =>
  mapping.method === 'linear' ? fitLinearFold({ K, Y, train, test, pca: mapping.pca }, tools) : fitPlsFold({ K, Y, train, test, ...plsOptions(mapping) }, tools)

const plsOptions = ({ components, yScale, perSite, solver, pca }: PlsMapping) => ({
  components,
  yScale,
  perSite,
  pca,
  ...(solver === 'exact' ? {} : { solver: nipalsSklearn }),
})

/** Scores on the inner folds, each fitted on the rest of the training rows: by them nested choice prefers a layer. */
const scoreInner = async ({ K, Y, mapping, inner }: MappingProblem & { mapping: PlainMapping }, train: Int32Array, tools: Tools): Promise<InnerScores> => {
  const folds: HeldOut[] = []
  for (const split of innerSplitsOf(inner, train)) folds.push({ test: split.test, predictions: (await fitFold(K, Y, mapping, split, tools)).predictions })
  const { r, ev } = scoreFolds(folds, Y)
  return { correlation: r, explainedVariance: ev }
}

const withoutPenalty = (sites: number): { alphas: Float64Array; alphaIndex: Int32Array } => ({ alphas: new Float64Array(sites).fill(NaN), alphaIndex: new Int32Array(sites) })
