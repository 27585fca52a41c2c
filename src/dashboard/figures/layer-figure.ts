import type { FitScores, LayerScores } from '../../domain/fit-scores.ts'

export type Metric = 'explainedVariance' | 'correlation'

/** A score over sites with its 95 % interval. */
export interface Mark {
  value: number | null
  interval: [number, number] | null
}

export interface LayerPoint extends Mark {
  layer: string
  /** mean, and lowest and highest, over the seeds of random weights, where that control was run on this layer */
  random: { mean: number; range: [number, number]; seeds: number } | null
}

export interface LayerFigure {
  metric: Metric
  title: string
  split: string
  points: LayerPoint[]
  /** the layer that nested choice prefers */
  best: string | null
  /** the highest score that the reliability of the responses allows, at the median site */
  ceiling: { value: number; label: string } | null
  pixels: Mark | null
  /** of the vertical axis: the same for all splits of the fit, so that they can be compared by eye */
  range: [number, number]
}

export interface SplitChoice {
  /** null: the fit's own; else the column whose groups are held out whole */
  by: string | null
  name: string
  layers: LayerScores[]
}

/** The fit's own split, then those that hold out whole groups. */
export const splitChoices = ({ split, layers, generalisation }: FitScores): SplitChoice[] => [
  { by: null, name: split, layers },
  ...Object.entries(generalisation).map(([by, other]) => ({ by, name: other.split, layers: other.layers })),
]

/** The headline of a metric: the mean over sites of EV, the median of r; these are what the intervals are of. */
export const markOf = (metric: Metric, layer: Pick<LayerScores, Metric>): Mark => {
  const { median, mean, interval } = layer[metric]
  return { value: metric === 'correlation' ? median : mean, interval }
}

export const titles: Record<Metric, string> = { explainedVariance: 'Explained variance, mean over sites', correlation: 'Correlation r, median over sites' }

/** Per layer, what the seeds of random weights score. */
const randomOf = (metric: Metric, { controls }: FitScores, layer: string): LayerPoint['random'] => {
  const values = (controls.random?.seeds ?? []).flatMap((seed) => seed.layers.filter((other) => other.layer === layer).flatMap((other) => markOf(metric, other).value ?? []))
  if (values.length === 0) return null
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, range: [Math.min(...values), Math.max(...values)], seeds: values.length }
}

// EV is bounded by the reliability rho of the mean response, r by its root (FORMULAS: rOverSqrtCeiling, evOverCeiling).
const ceilingOf = (metric: Metric, { ceiling }: FitScores): LayerFigure['ceiling'] => {
  if (ceiling?.median == null) return null
  return metric === 'correlation' ? { value: Math.sqrt(Math.max(ceiling.median, 0)), label: '√ρ' } : { value: ceiling.median, label: 'ρ' }
}

/** The vertical range that holds all that any split's figure shows, 0 included. */
const rangeOf = (marks: Mark[], others: number[]): [number, number] => {
  const values = [...marks.flatMap(({ value, interval }) => [value, ...(interval ?? [])]).filter((value) => value !== null), ...others]
  const [low, high] = [Math.min(0, ...values), Math.max(0.1, ...values)]
  const margin = (high - low) * 0.06
  return [low < 0 ? low - margin : 0, high + margin]
}

/** What the figure of a metric shows. Controls were run with the fit's own split, so they stand in that picture only. */
export const layerFigure = (scores: FitScores, { by, name, layers }: SplitChoice, metric: Metric): LayerFigure => {
  const own = by === null
  const ceiling = ceilingOf(metric, scores)
  const pixels = scores.controls.pixels?.layers[0]
  const random = new Map(scores.layers.map(({ layer }) => [layer, randomOf(metric, scores, layer)]))
  const marks = [...splitChoices(scores).flatMap((choice) => choice.layers), ...(pixels ? [pixels] : [])].map((layer) => markOf(metric, layer))
  return {
    metric,
    title: titles[metric],
    split: name,
    points: layers.map((layer) => ({ layer: layer.layer, ...markOf(metric, layer), random: own ? (random.get(layer.layer) ?? null) : null })),
    best: scores.bestLayer?.layer ?? null,
    ceiling,
    pixels: own && pixels ? markOf(metric, pixels) : null,
    range: rangeOf(marks, [...(ceiling ? [ceiling.value] : []), ...[...random.values()].flatMap((summary) => summary?.range ?? [])]),
  }
}
