import type { JointMapping } from '../../domain/banded.ts'
import type { DatasetManifest } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import type { FitRequest, Mapping, ReductionPlan, SplitRequest } from '../../domain/fit.ts'
import { invalid } from '../refusals.ts'
import { MAX_DIMENSIONS, MAX_DUAL_STIMULI, defaultDimensions } from './reduction.ts'

/** Schemes whose test sets part the stimuli, so that training sets are totals less cells. */
const PARTITIONS: readonly string[] = ['kfold', 'stratifiedkfold', 'groupkfold', 'leaveonegroupout']

const refuse = (pointer: string, expected: string, found: string, advice: string): VentralError =>
  new VentralError('does-not-fit', `${advice} (a fit of over ${MAX_DUAL_STIMULI} stimuli, or with "reduction", is made from the statistics of its fold cells).`, [{ pointer, expected, found }])

/**
 * How activations are reduced: as asked, or by default where there are more stimuli than a Gram matrix can hold; null where they are
 * not. What the primal form cannot do is refused with advice.
 */
export const resolveReduction = ({ reduction, mapping: asked }: FitRequest, { stimuli: { length: n }, normalise }: DatasetManifest, mapping: Mapping | JointMapping, split: SplitRequest): ReductionPlan | null => {
  if (reduction === undefined && n <= MAX_DUAL_STIMULI) return null
  const dimensions = reduction?.dimensions ?? defaultDimensions(n)
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) throw invalid('/reduction/dimensions', `a whole number from 1 to ${MAX_DIMENSIONS}`, dimensions)
  if (!PARTITIONS.includes(split.scheme)) throw refuse('/split/scheme', PARTITIONS.join(', '), split.scheme, `Ask for a split whose test sets part the stimuli, not ${split.scheme}`)
  if ('folds' in split && split.folds < 3) throw refuse('/split/folds', 'at least 3', String(split.folds), 'Ask for at least 3 folds: the inner folds are the other outer folds')
  if (normalise != null) throw refuse('/dataset', 'responses that are taken as they are', `normalised by ${normalise.method}`, 'Import the responses normalised already')
  if (asked?.solver === 'reference') throw refuse('/mapping/solver', 'left out', 'reference', 'Leave mapping/solver out: the reference works on the activations of a few stimuli')
  if (asked?.inner !== undefined) throw refuse('/mapping/inner', 'left out', JSON.stringify(asked.inner), 'Leave mapping/inner out: the inner folds are the other outer folds')
  if (mapping.method !== 'ridge' && mapping.method !== 'linear' && mapping.method !== 'pls') throw refuse('/mapping/method', 'ridge, linear, pls', mapping.method, `Ask for ridge, linear or pls`)
  if (mapping.method === 'ridge' && mapping.pca !== undefined)
    throw refuse('/mapping/pca', 'left out', JSON.stringify(mapping.pca), 'Leave mapping/pca out: ridge shrinks the small components itself; fewer dimensions can be had by "reduction"')
  if (typeof mapping.pca === 'object') throw refuse('/mapping/pca/fitOn', 'train', mapping.pca.fitOn, 'Ask for principal components of the training stimuli')
  return { dimensions, seed: reduction?.seed ?? 0 }
}

/** The mapping whose inner folds are the other outer folds. */
export const withOuterFolds = <M extends Mapping | JointMapping>(mapping: M, split: SplitRequest): M => ('folds' in split ? { ...mapping, inner: { folds: split.folds - 1 } } : mapping)
