import { VentralError } from '../../domain/errors.ts'
import type { Matrix, NdArray } from '../../domain/matrix.ts'
import type { NoiseEstimate, RdmDistance } from '../../domain/rdm.ts'
import { MIN_ANIMALS } from '../../encoding/rsa/ceiling.ts'
import { crossnobis } from '../../encoding/rsa/crossnobis.ts'
import { noiseCovariance, precisionOf } from '../../encoding/rsa/noise-covariance.ts'
import { columnScales, zscoreColumns } from '../../encoding/rsa/patterns.ts'
import { rdmFromGram, rdmOf } from '../../encoding/rsa/rdm.ts'
import type { Rdm } from '../../encoding/rsa/rdm.ts'
import type { Tools } from '../../encoding/tools.ts'
import { NotPositiveDefinite } from '../../numerics/linear-algebra.ts'
import { invalid } from '../refusals.ts'
import { columnsOf } from './group-representation.ts'
import type { Compared } from './group-representation.ts'

export interface Distances {
  rdm: Rdm
  /** RDMs of each animal's own sites, where 3 or more animals have 2 sites or more */
  animals: { animal: string; rdm: Rdm }[]
}

/** Each site of (run x row x site) over the standard deviation of its mean over runs; 0 throughout where that does not vary. */
const scaleRuns = ({ shape, data }: NdArray): NdArray => {
  const [count, n, m] = shape
  const mean = new Float64Array(n * m) // (row x site)
  data.forEach((x, k) => (mean[k % (n * m)] += x / count))
  const { sds } = columnScales({ rows: n, cols: m, data: mean })
  return { shape, data: data.map((x, k) => (sds[k % m] === 0 ? 0 : x / sds[k % m])) }
}

const distancesOfRuns = async (runs: NdArray, noise: NoiseEstimate, tools: Tools): Promise<Rdm> => {
  if (noise === 'none') return crossnobis(runs, {}, tools)
  const covariance = await noiseCovariance(runs, noise, tools)
  let precision: Matrix
  try {
    precision = precisionOf(covariance, tools)
  } catch (error) {
    if (!(error instanceof NotPositiveDefinite)) throw error
    throw invalid('/noise', 'a noise covariance that has an inverse, such as "shrunkToDiagonal"', noise)
  }
  return crossnobis(runs, { precision }, tools)
}

/** The RDM of what is compared, and those of its animals. */
export const distancesOf = async ({ form, runs: runsOf }: Compared, distance: RdmDistance, noise: NoiseEstimate, tools: Tools): Promise<Distances> => {
  if ('gram' in form) {
    if (distance === 'crossnobis') throw noRuns('activations do not vary from one showing to the next')
    return { rdm: rdmFromGram(form.gram, distance), animals: [] }
  }
  const named = form.animals.filter(({ columns }) => columns.length >= 2)
  const eachAnimal = async (rdmOfColumns: (columns: number[]) => Promise<Rdm>): Promise<Distances['animals']> => {
    const animals: Distances['animals'] = []
    if (named.length >= MIN_ANIMALS) for (const { animal, columns } of named) animals.push({ animal, rdm: await rdmOfColumns(columns) })
    return animals
  }
  if (distance === 'crossnobis') {
    const found = runsOf()
    if (found === null) throw noRuns('some responses have fewer than 2 repetitions')
    const runs = form.zscore ? scaleRuns(found) : found
    return { rdm: await distancesOfRuns(runs, noise, tools), animals: await eachAnimal((columns) => distancesOfRuns(columnsOf(runs, columns), noise, tools)) }
  }
  if (distance === 'pearson' && form.patterns.cols < 2)
    throw new VentralError('choose-sites', '1 - Pearson over one site is not defined: choose more sites, or "distance": "euclidean".', [{ pointer: '/distance', expected: 'at least 2 sites', found: '1' }])
  const patterns = form.zscore ? zscoreColumns(form.patterns) : form.patterns
  return { rdm: await rdmOf(patterns, distance, tools.products), animals: await eachAnimal((columns) => rdmOf(columnsOf(patterns, columns), distance, tools.products)) }
}

const noRuns = (why: string): VentralError =>
  invalid('/distance', '"pearson", "euclidean" or "cosine"', 'crossnobis', `"crossnobis" compares repetitions, and ${why}. Ask for "pearson", "euclidean" or "cosine".`)
