import type { Aggregate, ByAnimal, LayerScores } from '../../domain/fit-scores.ts'
import { brainScoreRevisions, meanOverSplits } from '../../encoding/scores/brain-score.ts'
import { headlineOf } from '../headline.ts'
import type { Headline } from '../headline.ts'
import type { MethodsFacts } from './facts.ts'
import { cite, count, digits, join, line, list, math, name, names, otherFields, paragraph } from './inline.ts'
import type { Line, Section } from './inline.ts'

interface Formula {
  /** key of its revision in the provenance */
  revision: string
  holds: (facts: MethodsFacts) => boolean
  line: (facts: MethodsFacts) => Line
}

const hasCeiling = ({ scores }: MethodsFacts): boolean => scores.ceiling !== null

const formulas: Formula[] = [
  { revision: 'ridge', holds: ({ request }) => request.mapping.method === 'ridge', line: () => line`Ridge: ${math('\\hat{y} = K_{te} Q (\\Lambda + \\alpha I)^{-1} Q^{\\top} y + \\bar{y}')} with ${math('K = Q \\Lambda Q^{\\top}')} of the centred training rows.` },
  { revision: 'correlation', holds: () => true, line: () => line`Correlation: Pearson's ${math('r')} of held-out predictions ${math('\\hat{y}')} and responses ${math('y')}, per site and test set, then the mean over test sets.` },
  { revision: 'explainedVariance', holds: () => true, line: () => line`Explained variance: ${math('\\mathrm{EV} = 1 - \\mathrm{var}(y - \\hat{y}) / \\mathrm{var}(y)')}, likewise.` },
  { revision: 'r2', holds: ({ scores }) => scores.layers[0].r2 !== undefined, line: () => line`Coefficient of determination: ${math('R^2 = 1 - \\sum (y - \\hat{y})^2 / \\sum (y - \\bar{y})^2')}, about the test mean.` },
  { revision: 'reliability', holds: hasCeiling, line: () => line`Reliability of the mean response: ${math('\\rho = 1 - \\mathrm{mean}_i(s_i^2 / R_i) / \\mathrm{var}_i(\\bar{y}_i)')} over stimuli ${math('i')} with ${math('R_i \\ge 2')} repetitions of variance ${math('s_i^2')}.` },
  { revision: 'splitHalf', holds: hasCeiling, line: () => line`Split-half reliability: random halves of each stimulus' repetitions, their correlation ${math('r')} corrected to ${math('2r/(1+r)')} ${cite('spearman1910', 'brown1910')}.` },
  { revision: 'ceiled', holds: hasCeiling, line: () => line`Ceiled forms, per site, then the median over sites: ${math('r/\\sqrt{\\rho}')}, ${math('\\mathrm{sign}(r)\\,r^2/\\rho')} and ${math('\\mathrm{EV}/\\rho')}; sites with ${math('\\rho < 0.1')} are left out and counted, and nothing is clipped.` },
  { revision: 'feve', holds: ({ scores }) => scores.layers.some(({ feve }) => feve != null), line: () => line`Fraction of the explainable variance explained, from single trials ${cite('cadena2019')}: ${math('\\mathrm{FEVe} = 1 - (\\mathrm{MSE} - \\sigma_{\\mathrm{noise}}^2) / (\\sigma_{\\mathrm{total}}^2 - \\sigma_{\\mathrm{noise}}^2)')}.` },
  { revision: 'feveMean', holds: ({ scores }) => scores.layers.some(({ feveMean }) => feveMean != null), line: () => line`The same from mean responses, named ${name('feveMean')}.` },
  { revision: 'poisson', holds: ({ scores }) => scores.layers.some(({ poisson }) => poisson != null), line: () => line`Poisson deviance of counts: the mean of ${math('2\\,(y \\ln(y/\\hat{y}) - (y - \\hat{y}))')}.` },
  {
    revision: 'bootstrap',
    holds: () => true,
    line: ({ scores: { provenance } }) => {
      const { draws, seed, ...others } = (provenance.bootstrap ?? {}) as { draws?: number; seed?: number }
      const more = otherFields(others, [])
      return line`Intervals (95 %): bootstrap over stimuli ${cite('efron1979bootstrap')}, whole groups where the split is grouped, ${draws ?? 'an unknown number of'} draws, seed ${seed ?? 'unknown'}${more.length === 0 ? [] : line`, ${join(more, ', ')}`}; the score's own estimator on each draw, conditional on the fitted models.${typeof provenance.intervals === 'string' ? ` ${provenance.intervals}` : ''}`
    },
  },
  {
    revision: 'permutation',
    holds: ({ scores }) => scores.permutation !== undefined,
    line: ({ scores: { permutation } }) => line`Permutation test ${cite('nichols2002permutation')}: ${permutation!.count} permutations of the stimuli${permutation!.within.length === 0 ? '' : line` within ${names(permutation!.within)}`}, seed ${permutation!.seed}, penalties held; p against the maximum over layers and sites.`,
  },
  {
    revision: 'differences',
    holds: ({ scores }) => (scores.differences?.length ?? 0) > 0,
    line: () => line`Differences between layers, networks and controls: paired by the same bootstrap draws, two-sided, by a normal tail where no draw of stimuli crosses 0, with Holm's correction ${cite('holm1979')} over all of a kind.`,
  },
]

/** Every formula that a score here rests on, with its revision where the provenance states one. */
const definitions = (facts: MethodsFacts): Line[] => {
  const revisions = (facts.scores.provenance.formulas ?? {}) as Record<string, unknown>
  const known = formulas.map(({ revision }) => revision)
  return [
    ...formulas.filter(({ holds }) => holds(facts)).map(({ revision, line: told }) => line`${told(facts)}${Object.hasOwn(revisions, revision) ? ` Revision ${String(revisions[revision])}.` : ''}`),
    ...Object.entries(revisions).flatMap(([formula, revision]) => (known.includes(formula) ? [] : [line`${name(formula)}: revision ${String(revision)}.`])),
  ]
}

const score = ({ median, mean, intervalOf, interval, sitesExcluded }: Aggregate): Line =>
  line`${digits(intervalOf === 'median' ? median : mean)}${interval === null ? ' (no interval)' : ` (95 % interval ${digits(interval[0])} to ${digits(interval[1])})`}${sitesExcluded === 0 ? '' : `, ${count(sitesExcluded, 'site')} without a score left out`}`

const both = ({ correlation, explainedVariance }: Pick<LayerScores, 'correlation' | 'explainedVariance'>): Line =>
  line`correlation, median over sites, ${score(correlation)}; explained variance, mean over sites, ${score(explainedVariance)}`

const across = (scores: ByAnimal['acrossAnimals']): Line[] =>
  scores === undefined ? [] : [line`Animals weighing the same (${scores.animals}): correlation ${digits(scores.correlation.mean)}, explained variance ${digits(scores.explainedVariance.mean)}.`]

/** The headline in Brain-Score's order of aggregation, under its protocol. */
const brainScore = ({ correlation }: Headline, ceiling: number | null): Line => {
  const { score: raw, errorOverSplits } = meanOverSplits(correlation.splits.map(({ median }) => median))
  const forms = Object.entries<number | null>({ ...brainScoreRevisions(raw, ceiling) }).filter(([form]) => form !== 'raw')
  return line`The same in Brain-Score's order, median over sites in each split, then mean over splits: r = ${digits(raw)} (population standard deviation over splits / ${math('\\sqrt{\\mathrm{splits}}')}: ${digits(errorOverSplits)}); ceiling c = ${digits(ceiling)}; ${join(forms.map(([form, value]) => line`${form} = ${digits(value)}`), ', ')}.`
}

/** Whole groups held out: their own nested choice beside the headline. */
const further = ({ scores: { generalisation } }: MethodsFacts): Line[] =>
  Object.entries(generalisation).flatMap(([column, { split, bestLayer }]) => (bestLayer === undefined ? [] : [line`With ${name(column)} held out (${split}): ${both(headlineOf(bestLayer))}.`]))

/** The headline first: never the largest of the outer scores. */
const headlines = (facts: MethodsFacts): Line[] => {
  const { bestLayer, layers, split, permutation, brainScore: protocol } = facts.scores
  if (bestLayer === null) return layers.map((layer) => line`Layer ${name(layer.layer)}: ${both(layer)}.`)
  const { nested, perSite, from, layer } = bestLayer
  const times = Object.entries(nested.timesChosen).filter(([, n]) => n > 0)
  const taken = headlineOf(bestLayer)
  return [
    ...(taken.kind === 'taken' ? [line`Layer ${name(layer)}, chosen on another dataset (fit ${name(from ?? 'unknown')}): ${both(taken)} (${split}).`] : []),
    line`Layer chosen on inner folds, scored on outer ones (${split}): ${both(nested)}.`,
    ...(times.length === 0 ? [] : [line`Layers chosen: ${join(times.map(([one, n]) => line`${name(one)} in ${count(n, 'split')}`), ', ')}${taken.kind === 'taken' ? '' : line`; on all stimuli ${name(layer)}`}.`]),
    ...across(nested.acrossAnimals),
    ...(protocol === undefined ? [] : [brainScore(taken, protocol.ceiling.score)]),
    ...further(facts),
    ...(perSite === undefined ? [] : [line`Each site choosing its layer for itself on inner folds: ${both(perSite)}.`]),
    ...(permutation === undefined ? [] : [line`Permutation test, largest ${permutation.statistic === 'correlation' ? 'correlation' : 'explained variance'} over all layers and sites: p = ${permutation.pOfMaximum === null ? 'undefined' : permutation.pOfMaximum.toFixed(4)}.`]),
  ]
}

export const scoresSection = (facts: MethodsFacts): Section => ({ heading: 'Scores', blocks: [list(definitions(facts))] })

export const resultsSection = (facts: MethodsFacts): Section => {
  const { leakage, warnings } = facts.scores
  const entries = leakage.filter(({ severity }) => severity !== 'none')
  return {
    heading: 'Results',
    blocks: [
      list(headlines(facts)),
      ...(entries.length === 0 ? [paragraph(line`The leakage report has no entries.`)] : [paragraph(line`Leakage report:`), list(entries.map(({ what, rows, severity }) => line`${what} (${severity}): ${rows}.`))]),
      ...(warnings.length === 0 ? [] : [paragraph(line`Warnings with the scores:`), list(warnings.map((warning) => line`${warning}`))]),
    ],
  }
}
