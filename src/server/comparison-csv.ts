import type { BackboneRow, ComparisonScores, LayerScore } from '../domain/comparison.ts'
import { cell } from './csv-cell.ts'

export const comparisonTables = ['backbones', 'layers', 'differences', 'sites'] as const
export type ComparisonTable = (typeof comparisonTables)[number]

type Cell = string | number | null
type Column<Row> = [name: string, value: (row: Row) => Cell]

const written = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  [columns.map(([name]) => name).join(','), ...rows.map((row) => columns.map(([, value]) => cell(value(row))).join(',')), ''].join('\n')

/** r and EV as they head a page, with their intervals. */
const scoreColumns = <Row>(of: (row: Row) => { correlation: LayerScore; explainedVariance: LayerScore } | null): Column<Row>[] => [
  ['r', (row) => of(row)?.correlation.median ?? null],
  ['r_low', (row) => of(row)?.correlation.interval?.[0] ?? null],
  ['r_high', (row) => of(row)?.correlation.interval?.[1] ?? null],
  ['ev', (row) => of(row)?.explainedVariance.mean ?? null],
  ['ev_low', (row) => of(row)?.explainedVariance.interval?.[0] ?? null],
  ['ev_high', (row) => of(row)?.explainedVariance.interval?.[1] ?? null],
]

type Scored = { row: BackboneRow; score: BackboneRow['scores'][number] | null }
const backboneColumns: Column<Scored>[] = [
  ['backbone', ({ row }) => row.name],
  ['weights', ({ row }) => row.weights],
  ['region', ({ row }) => row.region],
  ['split', ({ score }) => score?.split ?? null],
  ['held_out', ({ score }) => score?.by ?? null],
  ...scoreColumns<Scored>(({ score }) => score),
  ['layer', ({ row, score }) => score?.layer ?? row.layer],
  // The row's own depth is of its own split's layer; other divisions may prefer another one.
  ['depth', ({ row, score }) => (score === null ? null : depthIn(row, score.layer)?.operations ?? null)],
  ['depth_of', ({ row, score }) => (score === null ? null : depthIn(row, score.layer)?.of ?? null)],
  ['relative_depth', ({ row, score }) => (score === null ? null : depthIn(row, score.layer)?.relative ?? null)],
  ['ceiling', ({ row }) => row.ceiling?.median ?? null],
  // Of the comparison's own split alone.
  ['r_over_sqrt_ceiling', ({ row, score }) => (score?.by === null ? (row.ceiled?.rOverSqrtCeiling.median ?? null) : null)],
  ['r_over_sqrt_ceiling_low', ({ row, score }) => (score?.by === null ? (row.ceiled?.rOverSqrtCeiling.interval?.[0] ?? null) : null)],
  ['r_over_sqrt_ceiling_high', ({ row, score }) => (score?.by === null ? (row.ceiled?.rOverSqrtCeiling.interval?.[1] ?? null) : null)],
  ['sites', ({ row }) => row.sites],
  ['parameters', ({ row }) => row.parameters],
  ['imagenet_top1_published', ({ row }) => row.imageNetTop1.value],
  ['status', ({ row }) => row.status],
  ['fit', ({ row }) => row.fit],
]

const depthIn = ({ layers }: BackboneRow, layer: string) => layers.find((each) => each.layer === layer)?.depth

type Layer = { row: BackboneRow; layer: BackboneRow['layers'][number] }
const layerColumns: Column<Layer>[] = [
  ['backbone', ({ row }) => row.name],
  ['weights', ({ row }) => row.weights],
  ['region', ({ row }) => row.region],
  ['layer', ({ layer }) => layer.layer],
  ['area', ({ layer }) => layer.area],
  ['time_step', ({ layer }) => layer.timeStep],
  ['units', ({ layer }) => layer.units],
  ['depth', ({ layer }) => layer.depth.operations],
  ['depth_of', ({ layer }) => layer.depth.of],
  ['relative_depth', ({ layer }) => layer.depth.relative],
  ...scoreColumns<Layer>(({ layer }) => layer),
]

type Difference = ComparisonScores['differences'][number]
const differenceColumns: Column<Difference>[] = [
  ['region', ({ region }) => region],
  ['a', ({ a }) => a],
  ['b', ({ b }) => b],
  ['sites', ({ sites }) => sites],
  ...(['correlation', 'explainedVariance'] as const).flatMap((score): Column<Difference>[] => {
    const short = score === 'correlation' ? 'r' : 'ev'
    return [
      [`${short}_difference`, (pair) => pair[score].difference],
      [`${short}_low`, (pair) => pair[score].interval?.[0] ?? null],
      [`${short}_high`, (pair) => pair[score].interval?.[1] ?? null],
      [`${short}_p`, (pair) => pair[score].p],
      [`${short}_p_holm`, (pair) => pair[score].pHolm],
      [`${short}_mean_of_sites`, (pair) => pair.perSite[score].mean.difference],
      [`${short}_median_of_sites`, (pair) => pair.perSite[score].median],
      [`${short}_sites_higher`, (pair) => pair.perSite[score].higher],
      [`${short}_sites_lower`, (pair) => pair.perSite[score].lower],
    ]
  }),
]

type Site = { region: string; site: string; name: string; r: number | null; ev: number | null }
const siteColumns: Column<Site>[] = [
  ['region', ({ region }) => region],
  ['site', ({ site }) => site],
  ['backbone', ({ name }) => name],
  ['r', ({ r }) => r],
  ['ev', ({ ev }) => ev],
]

/** A table of a comparison as CSV; what is undefined is empty. */
export const comparisonCsv = ({ rows, differences, sites }: ComparisonScores, table: ComparisonTable): string => {
  switch (table) {
    case 'backbones':
      return written(backboneColumns, rows.flatMap((row): Scored[] => (row.scores.length === 0 ? [{ row, score: null }] : row.scores.map((score) => ({ row, score })))))
    case 'layers':
      return written(layerColumns, rows.flatMap((row) => row.layers.map((layer) => ({ row, layer }))))
    case 'differences':
      return written(differenceColumns, differences)
    case 'sites':
      return written(siteColumns, sites.flatMap(({ region, ids, correlation, explainedVariance }) =>
        ids.flatMap((site, j) => Object.keys(correlation).map((name) => ({ region, site, name, r: correlation[name][j], ev: explainedVariance[name][j] })))))
  }
}
