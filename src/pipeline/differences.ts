import type { ScoreDifference } from '../domain/scores.ts'
import { holm, pairedDifferences } from '../encoding/differences.ts'
import type { ScoredLayer } from './solver-tasks.ts'

/** Up to so many layers all pairs are compared; of more each with the preferred one. */
const MAX_ALL_PAIRS = 12

type Kind = ScoreDifference['between']
type Uncorrected = Omit<ScoreDifference, Score> & ReturnType<typeof pairedDifferences>
type Score = (typeof scores)[number]
const scores = ['correlation', 'explainedVariance', 'r2'] as const

const compare = (between: Kind, a: ScoredLayer, b: ScoredLayer, seed?: number): Uncorrected => ({
  between,
  a: a.scores.layer,
  b: b.scores.layer,
  ...(seed === undefined ? {} : { seed }),
  ...pairedDifferences({ ...a.scores, draws: a.draws }, { ...b.scores, draws: b.draws }),
})

/**
 * Paired differences between the layers of a fit, of one network or several: all pairs, or where they are many each against the one that
 * nested choice prefers on all stimuli. That one was chosen for its score, so differences to it are somewhat too large. `networkOf` tells the network of a layer by its name.
 */
export const layerDifferences = (layers: readonly ScoredLayer[], preferred: string, networkOf: (layer: string) => string | null): Uncorrected[] => {
  const kind = (a: ScoredLayer, b: ScoredLayer): Kind => (networkOf(a.scores.layer) === networkOf(b.scores.layer) ? 'layers' : 'backbones')
  if (layers.length <= MAX_ALL_PAIRS) return layers.flatMap((a, i) => layers.slice(i + 1).map((b) => compare(kind(a, b), a, b)))
  const best = layers.find(({ scores }) => scores.layer === preferred)!
  return layers.filter((other) => other !== best).map((other) => compare(kind(best, other), best, other))
}

/** Each layer less the same layer with random weights of one seed. */
export const randomDifferences = (layers: readonly ScoredLayer[], seed: number, random: readonly ScoredLayer[]): Uncorrected[] =>
  layers.flatMap((layer) => random.filter(({ scores }) => scores.layer === layer.scores.layer).map((control) => compare('random', layer, control, seed)))

/** Each layer less the pixels. */
export const pixelDifferences = (layers: readonly ScoredLayer[], pixels: ScoredLayer): Uncorrected[] => layers.map((layer) => compare('pixels', layer, pixels))

/** The same with p-values that hold for all differences of one score and kind at once. */
export const corrected = (differences: readonly Uncorrected[]): ScoreDifference[] => {
  const kinds = [...new Set(differences.map(({ between }) => between))]
  const adjusted = new Map<Uncorrected, Record<string, number | null>>(differences.map((difference) => [difference, {}]))
  for (const kind of kinds) {
    const same = differences.filter(({ between }) => between === kind)
    for (const score of scores) holm(same.map((difference) => difference[score].p)).forEach((p, k) => (adjusted.get(same[k])![score] = p))
  }
  return differences.map((difference) => {
    const of = (score: Score) => ({ ...difference[score], pHolm: adjusted.get(difference)![score] })
    return { ...difference, correlation: of('correlation'), explainedVariance: of('explainedVariance'), r2: of('r2') }
  })
}
