import type { Aggregate, FitScores, LayerScores } from '../domain/fit.ts'

export type Metric = 'explainedVariance' | 'correlation'

/** One point of the figure: a layer's score with its interval. */
export interface LayerPoint {
  layer: string
  value: number | null
  interval: [number, number] | null
  /** mean over random weights' seeds, where that control was run */
  random: number | null
}

export interface LayerFigure {
  title: string
  split: string
  points: LayerPoint[]
  /** highest value that the responses' reliability allows, over the median site */
  ceiling: number | null
  pixels: number | null
}

export interface SplitChoice {
  name: string
  layers: LayerScores[]
}

/** The fit's own split and those that hold out whole groups. */
export const splitChoices = ({ split, layers, generalisation }: FitScores): SplitChoice[] => [
  { name: split, layers },
  ...Object.entries(generalisation).map(([by, other]) => ({ name: `${other.split} (across ${by})`, layers: other.layers })),
]

const headline = (metric: Metric, layer: LayerScores): { value: number | null; interval: [number, number] | null } => {
  const aggregate: Aggregate = layer[metric]
  return { value: metric === 'correlation' ? aggregate.median : aggregate.mean, interval: aggregate.interval }
}

const mean = (values: number[]): number | null => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length)

/**
 * What the figure of a metric shows. The ceiling is the median reliability rho for EV and its root for r. Controls were
 * run with the fit's own split, so they stand beside that one only.
 */
export const layerFigure = (scores: FitScores, { name, layers }: SplitChoice, metric: Metric): LayerFigure => {
  const isOwn = layers === scores.layers
  const seeds = isOwn ? (scores.controls.random?.seeds ?? []) : []
  const pixels = isOwn ? scores.controls.pixels?.layers[0] : undefined
  const rho = scores.ceiling?.median ?? null
  const randomOf = (layer: string): number | null =>
    mean(seeds.flatMap((seed) => seed.layers.filter((other) => other.layer === layer).flatMap((other) => headline(metric, other).value ?? [])))
  return {
    title: metric === 'correlation' ? 'Median correlation r per layer' : 'Mean explained variance per layer',
    split: name,
    points: layers.map((layer) => ({ layer: layer.layer, ...headline(metric, layer), random: randomOf(layer.layer) })),
    ceiling: rho === null ? null : metric === 'correlation' ? Math.sqrt(Math.max(rho, 0)) : rho,
    pixels: pixels === undefined ? null : headline(metric, pixels).value,
  }
}
