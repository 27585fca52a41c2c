import type { BackboneDifference, BackboneRow, ComparisonScores, ComparisonView, LayerDepth } from '../domain/comparison.ts'
import type { ComparisonEstimate } from '../pipeline/comparisons/comparisons.ts'
import { print, printTable, score, tell, withInterval } from './output.ts'

const depthText = (depth: LayerDepth | null): string => (depth?.relative == null ? '-' : `${depth.operations}/${depth.of}`)

const pText = (p: number | null): string => (p !== null && p < 0.001 ? '<0.001' : score(p))

const parametersText = (count: number | null): string => (count === null ? '-' : count < 1e5 ? String(count) : `${(count / 1e6).toFixed(1)} M`)

/** One region: a row per backbone, the best nested r first. */
const printRegion = (region: string, rows: readonly BackboneRow[]): void => {
  const by = [...new Set(rows.flatMap(({ scores }) => scores.flatMap((each) => each.by ?? [])))]
  const own = (row: BackboneRow) => row.scores.find((each) => each.by === null)
  const ordered = rows.toSorted((a, b) => (own(b)?.correlation.median ?? -Infinity) - (own(a)?.correlation.median ?? -Infinity))
  const first = rows.find(({ scores }) => scores.length > 0)
  print(first === undefined ? region : `${region}: ${first.sites} sites, ${own(first)!.split}, ceiling ${score(first.ceiling?.median ?? null)}`)
  printTable(
    ['backbone', 'nested r', 'nested EV', 'r/sqrt(ceiling)', ...by.map((column) => `r, ${column} held out`), 'layer', 'depth', 'parameters', 'ImageNet top-1*', 'fit'],
    ordered.map((row) => {
      const held = (column: string): string => {
        const found = row.scores.find((each) => each.by === column)
        return found === undefined ? '-' : withInterval(found.correlation.median, found.correlation)
      }
      const found = own(row)
      return [
        row.name,
        found === undefined ? row.status : withInterval(found.correlation.median, found.correlation),
        found === undefined ? '-' : withInterval(found.explainedVariance.mean, found.explainedVariance),
        row.ceiled === null ? '-' : withInterval(row.ceiled.rOverSqrtCeiling.median, { interval: row.ceiled.rOverSqrtCeiling.interval ?? null }),
        ...by.map(held),
        row.layer ?? '-',
        depthText(row.depth),
        parametersText(row.parameters),
        score(row.imageNetTop1.value),
        row.fit,
      ]
    }),
  )
  print('')
}

/** Pairs whose r or EV differs for sure, after correction; of a few backbones all pairs. */
const printDifferences = (differences: readonly BackboneDifference[]): void => {
  const certain = differences.filter(({ correlation, explainedVariance }) => [correlation, explainedVariance].some(({ pHolm }) => pHolm !== null && pHolm <= 0.05))
  const shown = differences.length <= 10 ? differences : certain
  if (shown.length > 0)
    printTable(
      ['region', 'a less b', 'r', 'p (Holm)', 'EV', 'p (Holm)', 'sites that a predicts better'],
      shown.map(({ region, a, b, sites, correlation, explainedVariance, perSite }) => [
        region,
        `${a} - ${b}`,
        withInterval(correlation.difference, correlation),
        pText(correlation.pHolm),
        withInterval(explainedVariance.difference, explainedVariance),
        pText(explainedVariance.pHolm),
        `${perSite.correlation.higher} of ${sites}`,
      ]),
    )
  if (shown.length < differences.length) print(`${differences.length - shown.length} of ${differences.length} pairs do not differ with p <= .05 (Holm).`)
}

const topOneText = ({ region, score: name, backbones, r, interval, reason }: ComparisonScores['topOne'][number]): string =>
  r === null ? `${region}: no correlation of ImageNet top-1 with scores: ${reason}` : `${region}: correlation of ImageNet top-1 with ${name} ${withInterval(r, { interval })} over ${backbones} backbones`

export const printComparisonScores = ({ rows, topOne, differences, warnings }: ComparisonScores): void => {
  for (const [region, own] of Map.groupBy(rows, (row) => row.region)) printRegion(region, own)
  print('* published with the weights, not recomputed')
  for (const line of new Set(topOne.filter(({ by }) => by === null).map(topOneText))) print(line)
  if (differences.length > 0) print('')
  printDifferences(differences)
  for (const warning of warnings) print(`warning: ${warning}`)
}

/** Where a comparison stands; the errors of its fits on stderr. */
export const printComparisonView = ({ id, status, progress, fits }: ComparisonView): void => {
  print(`comparison ${id} is ${status}: ${progress.done} of ${progress.total} fits have ended${progress.etaSeconds === null || progress.done === progress.total ? '' : `, about ${Math.ceil(progress.etaSeconds / 60)} min left`}`)
  printTable(['backbone', 'region', 'fit', 'status', 'at'], fits.map(({ name, region, fit, status: own, reused, progress: at }) => [name, region, fit, reused ? `${own} (was there)` : own, own === 'running' && at !== null ? `${at.stage} ${at.done}/${at.total}` : '']))
  for (const { name, region, error } of fits) if (error !== null) tell(`${name} in ${region}: ${error.detail}`)
}

export const printComparisonEstimate = ({ memoryBytes, diskBytes, seconds, fits, warnings, total, reused }: ComparisonEstimate): void => {
  print(`${total} fits, ${reused} of them there already: ${(memoryBytes / 1e9).toFixed(1)} GB of memory, ${(diskBytes / 1e9).toFixed(1)} GB of disk, about ${Math.ceil(seconds)} s${fits ? '' : '; they do not fit this machine'}`)
  for (const warning of warnings) print(`warning: ${warning}`)
}
