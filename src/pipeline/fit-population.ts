import type { DatasetManifest, ResponseUnit, Site } from '../domain/dataset.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { Matrix, NdArray } from '../domain/matrix.ts'
import { analyticReliability } from '../encoding/ceilings/analytic.ts'
import { missingPatterns } from '../encoding/missing/patterns.ts'
import type { MissingPattern } from '../encoding/missing/patterns.ts'
import { normaliseTrials } from '../encoding/normalise.ts'
import type { Normalisation } from '../encoding/normalise.ts'
import { choosePopulation } from './choose-sites.ts'
import { normalisationOf, unitOf } from './normalisation.ts'
import { responsesOf } from './responses.ts'

/** The sites of a fit and what they answered. */
export interface Population {
  sites: Site[]
  /** of what is predicted and scored: that of the responses, unless they are normalised */
  unit: ResponseUnit
  /** mean rates (stimulus x site), NaN where a site did not see a stimulus, in shared memory */
  Y: Matrix
  /** what is fitted: `keep` are the columns of its Y that the population is made of; null: all */
  fitted: { Y: Matrix; keep: Int32Array | null }
  /** of `fitted`: sites that saw the same stimuli are fitted together */
  patterns: MissingPattern[]
  /** how the training rows of each fold normalise the responses; Y is as recorded */
  normalise: Normalisation | null
  /** analytic reliability of each site's mean; null throughout when there are no repetitions */
  ceilings: (number | null)[]
  /** why a ceiling is null */
  ceilingReasons: (string | undefined)[]
  /** single trials (stimulus x site x repetition), normalised by all stimuli where the responses are, in shared memory; null when there are no repetitions */
  trials: NdArray | null
}

/** The chosen sites' mean responses and reliabilities, each on the stimuli that it saw. Throws `choose-sites` for too many patterns of missing stimuli. */
export const fitPopulation = (request: ResolvedFit, manifest: DatasetManifest, array: NdArray): Population => {
  const { before, after } = choosePopulation(manifest, request.sites)
  const sites = after.map((j) => manifest.sites[j])
  const { mean, trials: recorded } = responsesOf(manifest, array, after)
  const Y = shared(mean)
  const keep = after.length === before.length ? null : Int32Array.from(after, (j) => before.indexOf(j))
  const fitted = keep === null ? Y : shared(responsesOf(manifest, array, before).mean)
  const normalise = normalisationOf(manifest)
  const trials = normalise === null ? recorded : normaliseTrials(recorded, normalise)
  const reliability = analyticReliability(trials)
  const [ceilings, ceilingReasons] = [reliability.map(({ rho }) => rho), reliability.map(({ reason }) => reason)]
  return { sites, unit: unitOf(manifest), Y, normalise, fitted: { Y: fitted, keep }, patterns: missingPatterns(fitted), ceilings, ceilingReasons, trials: trials.shape[2] < 2 ? null : { ...trials, data: shareFloat64(trials.data) } }
}

const shared = (matrix: Matrix): Matrix => ({ ...matrix, data: shareFloat64(matrix.data) })

const shareFloat64 = (values: Float64Array): Float64Array => {
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}
