import { VentralError } from '../../domain/errors.ts'
import type { RdmCeilingReport, RdmComparison, RdmDistance, Source } from '../../domain/rdm.ts'
import { animalCeiling, MIN_ANIMALS, splitHalfRdm } from '../../encoding/rsa/ceiling.ts'
import type { Rdm } from '../../encoding/rsa/rdm.ts'
import type { Products } from '../../numerics/products.ts'
import type { PipelineContext } from '../context.ts'
import { columnValues } from './group-representation.ts'
import { responsesOfSites } from './responses-of-sites.ts'

/** Pairs that all draws of halves may compare together: some tens of seconds. */
const MAX_PAIRS = 5e7
const DRAWS = 100
const LEAST_DRAWS = 10
const SEED = 0

export interface Reference {
  of: Source | null
  by: string
  distance: string
  /** RDMs of each animal that is known by itself */
  animals: Rdm[]
  /** whether the animals are what scores are means over, not an analysis beside them */
  listed: boolean
}

const none = (reason: string): RdmCeilingReport => ({ method: null, reason })

const splitHalf = async (context: PipelineContext, { of, by, distance }: Reference, comparison: RdmComparison, products: Pick<Products, 'f64'>): Promise<RdmCeilingReport> => {
  if (of?.kind !== 'responses') return none(of === null ? 'a given RDM has no repetitions; name the RDMs of 3 or more animals' : `${of.kind} have no repetitions`)
  if (distance === 'crossnobis') return none('crossnobis is cross-validated by itself; halves of its repetitions are not compared')
  try {
    const { form, manifest, stimulusIds } = await responsesOfSites(context, of)
    if ('gram' in form || form.trials === null) return none('no repetitions')
    const groups = by === 'stimulus' ? undefined : columnValues(manifest, stimulusIds, by)
    const n = groups === undefined ? stimulusIds.length : new Set(groups).size
    const draws = Math.max(LEAST_DRAWS, Math.min(DRAWS, Math.floor(MAX_PAIRS / ((n * (n - 1)) / 2))))
    const { rho, stimuli } = await splitHalfRdm(form.trials, { distance: distance as Exclude<RdmDistance, 'crossnobis'>, comparison, zscore: of.zscore, draws, seed: SEED, groups }, products)
    if (rho === null) return none(`${stimuli} stimuli have 2 repetitions or more at every site; 3 are the least`)
    return { method: 'split-half', reliability: rho, sqrtReliability: rho > 0 ? Math.sqrt(rho) : null, draws, seed: SEED, stimuli }
  } catch (error) {
    if (!(error instanceof VentralError) || error.code !== 'not-found') throw error
    return none('the dataset with the repetitions was deleted')
  }
}

/** Leave-one-out over 3 or more animals; otherwise the reliability of the RDM from halves of the repetitions, where there are any. */
export const ceilingOf = async (context: PipelineContext, reference: Reference, comparison: RdmComparison, products: Pick<Products, 'f64'>): Promise<RdmCeilingReport> => {
  const { animals, listed } = reference
  if (animals.length >= MIN_ANIMALS) return { method: 'leave-one-animal-out', of: listed ? 'value' : 'animals.mean', animals: animals.length, ...animalCeiling(animals, { comparison }) }
  if (listed && animals.length > 1) return none(`${animals.length} animals: 3 are the least`)
  return splitHalf(context, reference, comparison, products)
}
