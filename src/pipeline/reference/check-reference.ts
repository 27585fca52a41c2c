import { VentralError } from '../../domain/errors.ts'
import type { ResolvedFit } from '../../domain/fit.ts'
import type { ReferenceProblem } from '../../encoding/reference/fit-reference.ts'
import { networksOf } from '../fit-networks.ts'
import type { FindOffer } from '../offer.ts'
import { invalid } from '../refusals.ts'

/** Activations of a layer (stimuli times units) up to which ml-matrix and its peers answer within minutes. */
export const MAX_VALUES = 1e6

export type ReferenceMapping = ReferenceProblem['mapping']

/** Whether a mapping is fitted by ml-matrix, ml-pca and ml-pls on the activations themselves. */
export const isReference = (mapping: ResolvedFit['mapping']): mapping is ReferenceMapping => 'solver' in mapping && mapping.solver === 'reference'

/** Refuses what the cross-check cannot do: layers over 10^6 values, closed forms, PCA of all stimuli, reduced activations. */
export const checkReference = ({ mapping, reduction, ...request }: ResolvedFit, stimuli: number, find: FindOffer): void => {
  if (!isReference(mapping)) return
  if (typeof mapping.inner === 'string') throw invalid('/mapping/inner', '{"folds": …} for the solver "reference"', mapping.inner)
  if (typeof mapping.pca === 'object') throw invalid('/mapping/pca/fitOn', '"train" for the solver "reference"', mapping.pca.fitOn)
  if (request.permutations !== undefined) throw invalid('/permutations', 'left out for the solver "reference", which keeps no Gram matrices', request.permutations)
  if (reduction !== undefined) throw invalid('/mapping/solver', 'left out where activations are reduced', 'reference')
  const pixels = request.controls.filter(({ name }) => name === 'pixels').map((control) => ({ backbone: 'pixels', layers: ['pixels'], pooling: (control as { pooling: ResolvedFit['pooling'] }).pooling }))
  for (const network of [...networksOf({ mapping, ...request }), ...pixels])
    for (const { layer, units } of find(network).sizes(network.layers, network.pooling)) {
      if (stimuli * units <= MAX_VALUES) continue
      throw new VentralError(
        'does-not-fit',
        `The solver "reference" takes layers of at most ${MAX_VALUES} values; ${layer} has ${stimuli} x ${units} = ${stimuli * units}. Pool the layer ("pooling": {"grid": 2}), choose others, or leave the solver out.`,
        [{ pointer: '/mapping/solver', expected: `at most ${MAX_VALUES} values`, found: String(stimuli * units) }],
      )
    }
}

/** A cross-check gives scores, not encoders: those are made from dual coefficients, which it has none of. */
export const referenceEncoder = (asked: string | undefined): 'none' => {
  if (asked === undefined || asked === 'none') return 'none'
  throw invalid('/encoder', '"none" for the solver "reference"', asked, 'The solver "reference" checks scores and makes no encoder. Ask for "encoder": "none", or leave the solver out.')
}
