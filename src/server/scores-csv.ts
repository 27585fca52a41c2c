import type { FitScores, LayerScores } from '../domain/fit-scores.ts'
import { cell } from './csv-cell.ts'

/** The contract's columns, and after them the scores that were added since; a fit of before these leaves them empty. */
const columns = ['r', 'ev', 'ceiling', 'alpha'] as const
const furtherColumns = ['r2', 'rOverSqrtCeiling', 'r2OverCeiling', 'evOverCeiling', 'feve', 'feveMean', 'deviance', 'devianceExplained', 'bitsPerSpike'] as const

const conditions = (scores: FitScores): [string, LayerScores[]][] => [
  [scores.split, scores.layers],
  ...Object.entries(scores.generalisation).map(([by, { layers }]): [string, LayerScores[]] => [`generalisation:${by}`, layers]),
  ...(scores.controls.pixels ? [['control:pixels', scores.controls.pixels.layers] as [string, LayerScores[]]] : []),
  ...(scores.controls.random?.seeds ?? []).map(({ seed, layers }): [string, LayerScores[]] => [`control:random:${seed}`, layers]),
]

/** The scores of a fit as CSV, a row per condition, layer and site; what is undefined is empty. */
export const scoresCsv = (scores: FitScores): string => {
  const rows = conditions(scores).flatMap(([condition, layers]) =>
    layers.flatMap(({ layer, sites }) => sites.map((site) => [condition, layer, site.id, site.region, ...columns.map((name) => site[name]), ...furtherColumns.map((name) => site[name] ?? null)].map(cell).join(','))),
  )
  return [['condition', 'layer', 'site', 'region', ...columns, ...furtherColumns].join(','), ...rows, ''].join('\n')
}
