import type { ResponseUnit } from '../../domain/dataset.ts'
import type { Matrix, NdArray } from '../../domain/matrix.ts'
import type { FurtherLayerScores, FurtherSiteScores, PoissonSummary, SiteSummary } from '../../domain/scores.ts'
import { trialShape } from '../ceilings/analytic.ts'
import { feve, feveMean } from './feve.ts'
import type { HeldOut } from './fold-scores.ts'
import { poissonScores } from './poisson.ts'
import { mean, median } from './statistics.ts'
import { orNull } from './vectors.ts'

/** What the scores of single trials and of counts rest on. */
export interface ResponseKind {
  unit: ResponseUnit
  /** single trials, (stimulus x site x repetition), NaN where missing; null without repetitions */
  trials: NdArray | null
  /** why there are none, where it is not for lack of repetitions */
  noTrials?: string
}

export interface FurtherScores {
  layer: FurtherLayerScores
  sites: FurtherSiteScores[]
}

/** Mean and median over the sites that have a number. */
export const summarise = (values: Float64Array): SiteSummary => ({
  median: median(values),
  mean: mean(values),
  sitesExcluded: values.reduce((count, x) => count + (Number.isNaN(x) ? 1 : 0), 0),
})

/** Scores that need repetitions (feve, feveMean) or counts (Poisson), of a layer and per site; what is not defined says why. */
export const furtherScores = (folds: readonly HeldOut[], responses: Matrix, { unit, trials, noTrials = 'there are no repetitions, which tell the noise' }: ResponseKind): FurtherScores => {
  const layer: FurtherLayerScores = {}
  const reasons: Record<string, string> = {}
  const sites = Array.from({ length: responses.cols }, (): FurtherSiteScores => ({}))
  const perSite = (name: Exclude<keyof FurtherSiteScores, 'reasons'>, values: Float64Array, reason: (j: number) => string): SiteSummary => {
    for (const [j, site] of sites.entries()) {
      site[name] = orNull(values[j])
      if (Number.isNaN(values[j])) site.reasons = { ...site.reasons, [name]: reason(j) }
    }
    return summarise(values)
  }

  if (trials === null) {
    layer.feve = layer.feveMean = null
    reasons.feve = reasons.feveMean = noTrials
  } else {
    const unexplainable = (): string => 'no fold has repetitions and more variance than noise'
    layer.feve = perSite('feve', feve(folds, trials), unexplainable)
    layer.feveMean = perSite('feveMean', feveMean(folds, trials), unexplainable)
  }

  if (unit !== 'count') {
    layer.poisson = null
    reasons.poisson = `the responses are in ${unit}: Poisson scores are for counts only`
  } else {
    const { notes, ...scores } = poissonScores(folds, responses, trials === null ? undefined : repetitionsOf(trials))
    const reason = (j: number): string => notes[j] ?? 'the counts do not vary in any fold'
    const summary = (name: keyof PoissonSummary): SiteSummary => perSite(name, scores[name], reason)
    layer.poisson = { deviance: summary('deviance'), devianceExplained: summary('devianceExplained'), bitsPerSpike: summary('bitsPerSpike') }
  }
  return { layer: Object.keys(reasons).length === 0 ? layer : { ...layer, reasons }, sites }
}

/** Over how many trials each mean response is, (stimulus x site). */
const repetitionsOf = (trials: NdArray): Matrix => {
  const [n, m, repetitions] = trialShape(trials)
  const data = new Float64Array(n * m)
  for (let k = 0; k < trials.data.length; k++) if (!Number.isNaN(trials.data[k])) data[Math.floor(k / repetitions)]++
  return { rows: n, cols: m, data }
}
