import type { ResolvedFit } from '../domain/fit.ts'
import type { FitScores, LayerScores } from '../domain/fit-scores.ts'
import { brainScoreRevisions, meanOverSplits } from '../encoding/scores/brain-score.ts'

/** The layers' scores in Brain-Score's order and revisions, under its protocol only. */
export const brainScoreReport = ({ protocol }: ResolvedFit, layers: readonly LayerScores[], ceiling: FitScores['ceiling']): Pick<FitScores, 'brainScore'> => {
  if (protocol !== 'brain-score') return {}
  const { score: c, errorOverSplits } = ceiling?.['splitHalf-brainscore'] ?? { score: null, errorOverSplits: null }
  return {
    brainScore: {
      ceiling: { method: 'splitHalf-brainscore', score: c, errorOverSplits, ...(c === null ? { reason: ceiling === null ? 'no repetitions' : 'the halves of the repetitions do not vary' } : {}) },
      layers: layers.map(({ layer, correlation }) => {
        const { score, errorOverSplits } = meanOverSplits(correlation.splits.map(({ median }) => median))
        return { layer, ...brainScoreRevisions(score, c), errorOverSplits, splits: correlation.splits.map(({ median }) => median) }
      }),
    },
  }
}
