import type { FitScores, LayerScores } from '../domain/fit-scores.ts'
import { printAcrossAnimals, printPopulation } from './print-population.ts'
import type { ScoreDifference } from '../domain/scores.ts'
import { print, printTable, score, withInterval } from './output.ts'

/** How many sites stand in no score, and in no ceiled one. */
const undefinedSites = (noScore: number, noCeiling: number): string =>
  [...(noScore > 0 ? [`${noScore} no score`] : []), ...(noCeiling > noScore ? [`${noCeiling - noScore} no ceiling`] : [])].join(', ') || 'none'

const printLayers = (title: string, layers: LayerScores[]): void => {
  print(title)
  printTable(
    ['layer', 'units', 'median r', 'mean EV', 'mean R2', 'EV/ceiling', 'r/sqrt(ceiling)', 'FEVe', 'undefined'],
    layers.map(({ layer, units, correlation, explainedVariance, r2, ceiled, feve }) => [
      layer,
      units,
      withInterval(correlation.median, correlation),
      withInterval(explainedVariance.mean, explainedVariance),
      r2 === undefined ? '-' : withInterval(r2.mean, r2),
      score(ceiled.evOverCeiling.median),
      score(ceiled.rOverSqrtCeiling.median),
      score(feve?.median ?? null),
      undefinedSites(correlation.sitesExcluded, ceiled.evOverCeiling.sitesExcluded),
    ]),
  )
  print('')
}

const printDifferences = (differences: ScoreDifference[]): void => {
  print('paired differences (p after Holm)')
  printTable(
    ['a', 'less b', 'median r', 'p', 'mean EV', 'p'],
    differences.map(({ a, b, seed, between, correlation, explainedVariance }) => [
      a,
      between === 'random' ? `${b}, random seed ${seed}` : b,
      withInterval(correlation.difference, correlation),
      score(correlation.pHolm),
      withInterval(explainedVariance.difference, explainedVariance),
      score(explainedVariance.pHolm),
    ]),
  )
  print('')
}

const printBrainScore = ({ ceiling, layers }: NonNullable<FitScores['brainScore']>): void => {
  print(`Brain-Score's aggregate (median over sites, mean over splits); ceiling ${ceiling.score === null ? `none: ${ceiling.reason}` : score(ceiling.score)}`)
  printTable(
    ['layer', 'r', 'r/c', '(r/c)²', 'r²/c', 'error over splits'],
    layers.map(({ layer, raw, errorOverSplits, ...ceiled }) => [layer, score(raw), score(ceiled['r/c']), score(ceiled['(r/c)²']), score(ceiled['r²/c']), score(errorOverSplits)]),
  )
  print('')
}

/** The scores of a fit as tables, a table per split and control. */
export const printScores = ({ split, brainScore, population, ceiling, layers, generalisation, controls, bestLayer, differences = [], permutation, registration, leakage, warnings }: FitScores): void => {
  if (ceiling !== null) print(`ceiling: median ${score(ceiling.median)} (${ceiling.method}${ceiling.earlyLate === undefined ? '' : `; early against late repetitions ${score(ceiling.earlyLate.median)}`})`)
  if (population !== undefined) printPopulation(population)
  printLayers(`split ${split}`, layers)
  if (brainScore) printBrainScore(brainScore)
  for (const [by, other] of Object.entries(generalisation)) printLayers(`across ${by} (${other.split})`, other.layers)
  if (controls.pixels) printLayers('control: pixels', controls.pixels.layers)
  for (const { seed, layers: random } of controls.random?.seeds ?? []) printLayers(`control: random weights, seed ${seed}`, random)
  const preferred = differences.filter(({ a, b }) => a === bestLayer?.layer || b === bestLayer?.layer)
  if (preferred.length > 0) printDifferences(preferred)
  if (bestLayer !== null) {
    const { layer, from, score: taken, nested, perSite, plainMax } = bestLayer
    if (taken) print(`layer ${layer}, taken from fit ${from}: r ${withInterval(taken.correlation.median, taken.correlation)}, EV ${withInterval(taken.explainedVariance.mean, taken.explainedVariance)}`)
    print(`${from === undefined ? `best layer ${layer}` : 'chosen on these data'}: nested r ${score(nested.correlation.median)}, EV ${score(nested.explainedVariance.mean)}; plain maximum ${plainMax.layer} ${score(plainMax.score)}`)
    if (perSite) print(`each site choosing its layer: r ${score(perSite.correlation.median)}, EV ${score(perSite.explainedVariance.mean)}`)
    printAcrossAnimals(nested)
  }
  if (registration) {
    const { id, registeredAt, sha256, deviations } = registration
    print(`registered ${registeredAt} as ${id} (sha256 ${sha256}): ${deviations.length === 0 ? 'no deviations' : `${deviations.length} deviations`}`)
    for (const { pointer, registered, used } of deviations) print(`deviation: ${pointer} is ${JSON.stringify(used)}, registered was ${JSON.stringify(registered)}`)
  }
  if (permutation) {
    const significant = permutation.layers.reduce((sum, layer) => sum + layer.sites.filter(({ p }) => p !== null && p <= 0.05).length, 0)
    print(`permutation test (${permutation.count}): p of the largest ${permutation.statistic} ${score(permutation.pOfMaximum)}; ${significant} of ${permutation.layers.length * (permutation.layers[0]?.sites.length ?? 0)} layer and site pairs under .05, corrected for all`)
  }
  for (const { what, rows, severity } of leakage) if (severity === 'warning') print(`leakage: ${what} (${rows})`)
  for (const warning of warnings) print(`warning: ${warning}`)
}
