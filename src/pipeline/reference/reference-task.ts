import type { Matrix } from '../../domain/matrix.ts'
import { normaliseResponses } from '../../encoding/normalise.ts'
import type { Normalisation } from '../../encoding/normalise.ts'
import { fitReference } from '../../encoding/reference/fit-reference.ts'
import type { ReferenceFit } from '../../encoding/reference/fit-reference.ts'
import { innerSplitsOf } from '../../encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../../encoding/splits/inner-scheme.ts'
import type { Split } from '../../encoding/splits/split.ts'
import type { ReferenceMapping } from './check-reference.ts'

export interface ReferenceInput {
  /** (stimulus x unit) */
  X: Matrix
  /** (stimulus x site) */
  Y: Matrix
  normalise: Normalisation | null
  mapping: ReferenceMapping
  inner: InnerScheme
  split: Split
}

/** A fold as the cross-check fits it; `Y` holds the responses that it was fitted to. */
export type ReferenceFold = ReferenceFit & { Y: Matrix }

/** The cross-check of a fold, or, without test rows, of a refit. */
export const referenceTask = {
  referenceFold: ({ X, Y: recorded, normalise, mapping, inner, split: { train, test } }: ReferenceInput): Promise<ReferenceFold> => {
    const Y = normalise === null ? recorded : normaliseResponses(recorded, train, normalise)
    return Promise.resolve({ ...fitReference({ X, Y, mapping, train, test, inner: innerSplitsOf(inner, train) }), Y })
  },
}
