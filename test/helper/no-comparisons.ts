import { VentralError } from '../../src/domain/errors.ts'
import type { ComparisonPipeline } from '../../src/server/services.ts'

const none = async (): Promise<never> => {
  throw new VentralError('not-found', 'There are no comparisons here.')
}

/** A service double keeps no comparisons: their routes are tested on the real recipes. */
export const noComparisons: ComparisonPipeline = {
  createComparison: none, estimateComparison: none, getComparison: none, listComparisons: async () => ({ items: [], next: null }), cancelComparison: none, deleteComparison: none, comparisonScores: none,
} // prettier-ignore
