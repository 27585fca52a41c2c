import type { ComparedScore, BackboneRow, TopOneCorrelation } from '../../domain/comparison.ts'
import { fisherInterval } from '../../encoding/scores/correlation-interval.ts'
import { pearson } from '../../encoding/scores/vectors.ts'

/** Fewer points than these have no interval. */
const LEAST = 4

const scores: [TopOneCorrelation['score'], (score: ComparedScore) => number | null][] = [
  ['correlation.median', ({ correlation }) => correlation.median],
  ['explainedVariance.mean', ({ explainedVariance }) => explainedVariance.mean],
]

interface Point {
  /** the backbone and its weights */
  of: string
  top1: number
  score: number
}

/** The same weights of a backbone that stand in several rows, by search and by name, are one point: the first. */
const distinct = (points: readonly Point[]): Point[] => points.filter((point, i) => points.findIndex(({ of }) => of === point.of) === i)

/** Correlations over backbones of published ImageNet top-1 with the scores of each region and division; null with a reason under 4 points. */
export const topOneCorrelations = (rows: readonly BackboneRow[]): TopOneCorrelation[] =>
  [...Map.groupBy(rows, ({ region }) => region)].flatMap(([region, own]) => {
    const divisions = new Map(own.flatMap((row) => row.scores.map(({ split, by }) => [by, split])))
    return [...divisions].flatMap(([by, split]) =>
      scores.map(([score, valueOf]): TopOneCorrelation => {
        const points = distinct(
          own.flatMap((row): Point[] => {
            const [top1, found] = [row.imageNetTop1.value, row.scores.find((each) => each.by === by)]
            const value = found === undefined ? null : valueOf(found)
            return top1 === null || value === null ? [] : [{ of: JSON.stringify([row.backbone, row.weights]), top1, score: value }]
          }),
        )
        const about = { region, split, by, score, backbones: points.length }
        if (points.length < LEAST)
          return { ...about, r: null, interval: null, reason: `a correlation over backbones needs at least ${LEAST} with a score and a published ImageNet top-1; there are ${points.length}` }
        const r = pearson(points.map(({ top1 }) => top1), points.map((point) => point.score))
        return r === null ? { ...about, r, interval: null, reason: 'one of the two does not vary' } : { ...about, r, interval: fisherInterval(r, points.length) }
      }),
    )
  })
