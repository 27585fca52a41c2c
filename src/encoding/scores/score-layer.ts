import type { Aggregate, LayerScores, SiteScore } from '../../domain/fit-scores.ts'
import type { Matrix } from '../../domain/matrix.ts'
import type { Products } from '../../numerics/products.ts'
import { bootstrapScores } from '../bootstrap.ts'
import type { BootstrapDraws, BootstrapOptions } from '../bootstrap.ts'
import { byAnimal, withAnimals } from './animals.ts'
import { aggregateScores } from './aggregate-scores.ts'
import { withCeiledIntervals } from '../ceiled-intervals.ts'
import { ceiledScores, ceiledSite, usableCeiling } from './ceiled.ts'
import { scoreFolds } from './fold-scores.ts'
import type { FoldScores, HeldOut } from './fold-scores.ts'
import { furtherScores } from './further-scores.ts'
import type { ResponseKind } from './further-scores.ts'
import { orNull } from './vectors.ts'

/** Held-out predictions with the penalties that made them. */
export interface ScoredFold extends HeldOut {
  alphas: ArrayLike<number>
  alphaIndex: ArrayLike<number>
}

export interface LayerToScore {
  layer: string
  units: number
  rank: number
  folds: readonly ScoredFold[]
  /** (stimulus x site) */
  responses: Matrix
  sites: readonly { siteId: string; region: string; animal?: string }[]
  /** reliability of each site's mean response; null where unknown */
  ceilings: readonly (number | null)[]
  /** penalty of the final refit per site; omitted where there is none */
  finalAlphas?: ArrayLike<number>
  /** how many alphas there were to choose from */
  alphaCount: number
  /** what scores of single trials and of counts rest on; omitted: none of these */
  kind?: ResponseKind
  bootstrap: BootstrapOptions | null
}

/** r, EV and R² of held-out predictions over sites, with intervals; `draws` keeps the bootstrap for paired differences. */
export interface Evaluation {
  scores: FoldScores
  correlation: Aggregate
  explainedVariance: Aggregate
  r2: Aggregate
  draws: BootstrapDraws | null
}

/** Scores held-out predictions: r, EV and R² per site and fold, their aggregates, and intervals for the aggregate each headline shows. */
export const evaluate = async (
  folds: readonly HeldOut[],
  responses: Matrix,
  bootstrap: BootstrapOptions | null,
  products: Pick<Products, 'f64'>,
): Promise<Evaluation> => {
  const scores = scoreFolds(folds, responses)
  const draws = bootstrap === null ? null : await bootstrapScores(folds, responses, scores, bootstrap, products)
  return { scores, ...aggregateScores(scores, draws), draws }
}

/** All that a fit's report says of one layer, and the evaluation that it rests on, whose draws paired differences need. */
export const scoreLayer = async (input: LayerToScore, products: Pick<Products, 'f64'>): Promise<{ scores: LayerScores; evaluation: Evaluation }> => {
  const { bootstrap, ceilings, kind } = input
  const evaluation = await evaluate(input.folds, input.responses, bootstrap && withAnimals({ ...bootstrap, keepSites: true }, input.sites), products)
  const scores = layerScores(input, evaluation)
  const sites = evaluation.draws?.sites
  if (bootstrap === null || sites === undefined) return { scores, evaluation }
  return { scores: { ...scores, ceiled: await withCeiledIntervals(scores.ceiled, { sites, ceilings, trials: kind?.trials ?? null, bootstrap }, products) }, evaluation }
}

const layerScores = (input: LayerToScore, evaluation: Evaluation): LayerScores => {
  const { scores, correlation, explainedVariance, r2 } = evaluation
  const { layer, units, rank, folds, ceilings } = input
  const further = input.kind === undefined ? null : furtherScores(folds, input.responses, input.kind)
  const sites = input.sites.map((site, j): SiteScore => {
    const note = scores.notes[j]
    return {
      id: site.siteId,
      region: site.region,
      ...(site.animal === undefined ? {} : { animal: site.animal }),
      r: orNull(scores.r[j]),
      ev: orNull(scores.ev[j]),
      ceiling: usableCeiling(ceilings[j]),
      alpha: input.finalAlphas === undefined ? null : orNull(input.finalAlphas[j]),
      alphaPerSplit: folds.map((fold) => orNull(fold.alphas[j])),
      r2: orNull(scores.r2[j]),
      ...ceiledSite(scores.r[j], scores.ev[j], ceilings[j]),
      ...further?.sites[j],
      ...(note === undefined ? {} : { note }),
    }
  })
  return {
    layer,
    units,
    rank,
    correlation,
    explainedVariance,
    r2,
    ...further?.layer,
    ...byAnimal(evaluation, input.sites),
    ceiled: ceiledScores(scores.r, scores.ev, ceilings),
    alphasAtEdge: alphasAtEdge(folds, scores, input.alphaCount),
    sites,
  }
}

/** Share of (site, split) choices at either end of the alphas, over the sites that have a score and the splits that fit them: a constant site always takes the last. */
const alphasAtEdge = (folds: readonly ScoredFold[], scores: FoldScores, alphaCount: number): number => {
  if (alphaCount < 2) return 0
  let [edge, all] = [0, 0]
  for (const { alphaIndex } of folds)
    for (let j = 0; j < alphaIndex.length; j++) {
      if (Number.isNaN(scores.ev[j]) || alphaIndex[j] < 0) continue
      all++
      if (alphaIndex[j] === 0 || alphaIndex[j] === alphaCount - 1) edge++
    }
  return all === 0 ? 0 : edge / all
}
