import type { Aggregate, BestLayer } from '../domain/fit-scores.ts'

/** The numbers that may head a page or a paper: of layers chosen without the rows that they are scored on. */
export interface Headline {
  /** `taken`: another dataset's fit chose the layer; `nested`: the inner folds of each outer one did */
  kind: 'taken' | 'nested'
  correlation: Aggregate
  explainedVariance: Aggregate
}

/** A fit's headline. Never the largest of the outer scores. */
export const headlineOf = ({ score, nested: { correlation, explainedVariance } }: BestLayer): Headline =>
  score === undefined ? { kind: 'nested', correlation, explainedVariance } : { kind: 'taken', correlation: score.correlation, explainedVariance: score.explainedVariance }
