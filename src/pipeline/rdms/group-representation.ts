import type { DatasetManifest } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Matrix, NdArray } from '../../domain/matrix.ts'
import { runsOfTrials } from '../../encoding/rsa/crossnobis.ts'
import { meanGramByGroup } from '../../encoding/rsa/group-gram.ts'
import { meanByGroup } from '../../encoding/rsa/patterns.ts'
import type { GramSums } from '../../encoding/rsa/rdm.ts'
import { invalid } from '../refusals.ts'
import type { Patterns, Representation } from './representation.ts'

/** More rows than these are no picture any more, and take over 130 MB. */
export const MAX_RDM = 4096
const LEAST = 3

/** What is compared: stimuli, or the values of a metadata column with the mean pattern of each. */
export interface Compared {
  labels: string[]
  /** sha256 of each image; null where a row is the mean of several */
  images: string[] | null
  form: Patterns | { gram: GramSums }
  /** (run x row x site): the repetitions, with the means by group taken in each; null where there are under 2 */
  runs: () => NdArray | null
}

/** The value of a metadata column for each of some stimuli. Throws `invalid-value` where there is no such column, or a stimulus has no value in it. */
export const columnValues = ({ stimuli }: DatasetManifest, stimulusIds: readonly string[], column: string): string[] => {
  const of = new Map(stimuli.map(({ stimulusId, metadata }) => [stimulusId, metadata[column]]))
  return stimulusIds.map((id) => {
    const value = of.get(id)
    if (value !== undefined && value !== '') return value
    const columns = [...new Set(stimuli.flatMap(({ metadata }) => Object.keys(metadata)))]
    throw invalid('/by', `"stimulus" or a metadata column in which every stimulus has a value (here: ${columns.join(', ') || 'none'}; stimulus "${id}" has none in "${column}")`, column)
  })
}

const groupRuns = ({ shape: [count, n, m], data }: NdArray, labels: readonly string[]): NdArray => {
  const runs = Array.from({ length: count }, (_, run) => meanByGroup({ rows: n, cols: m, data: data.subarray(run * n * m, (run + 1) * n * m) }, labels).patterns)
  return { shape: [count, runs[0].rows, m], data: Float64Array.from(runs.flatMap((run) => Array.from(run.data))) }
}

const grouped = ({ stimulusIds, manifest, form }: Representation, by: string): Omit<Compared, 'runs'> => {
  const values = columnValues(manifest, stimulusIds, by)
  if ('gram' in form) {
    const { groups, gram } = meanGramByGroup(form.gram, values)
    return { labels: groups.map(String), images: null, form: { gram } }
  }
  const { groups, patterns } = meanByGroup(form.patterns, values)
  return { labels: groups.map(String), images: null, form: { ...form, patterns } }
}

/** The rows that an RDM or CKA compares. Throws `too-few-stimuli` under 3, `does-not-fit` over MAX_RDM. */
export const comparedRows = (representation: Representation, by: string): Compared => {
  const { stimulusIds, images, form } = representation
  const rows = by === 'stimulus' ? { labels: stimulusIds, images, form } : grouped(representation, by)
  const n = rows.labels.length
  if (n < LEAST) throw new VentralError('too-few-stimuli', `By ${by} there are ${n} rows to compare; ${LEAST} are the least.`, [{ pointer: '/by', expected: `at least ${LEAST} rows`, found: String(n) }])
  if (n > MAX_RDM)
    throw new VentralError('does-not-fit', `${n} rows are more than an RDM can have here (${MAX_RDM}). Compare by a metadata column, such as "by": "object_name".`, [
      { pointer: '/by', expected: `at most ${MAX_RDM} rows`, found: String(n) },
    ])
  const runs = (): NdArray | null => {
    const all = 'trials' in form && form.trials !== null ? runsOfTrials(form.trials) : null
    return all === null || by === 'stimulus' ? all : groupRuns(all, columnValues(representation.manifest, stimulusIds, by))
  }
  return { ...rows, runs }
}

/** Some columns of patterns or of runs, whose last axis is the site. */
export const columnsOf = <T extends Matrix | NdArray>(array: T, columns: readonly number[]): T => {
  const m = 'cols' in array ? array.cols : array.shape[2]
  const rows = array.data.length / m
  const data = Float64Array.from({ length: rows * columns.length }, (_, k) => array.data[Math.floor(k / columns.length) * m + columns[k % columns.length]])
  return ('cols' in array ? { ...array, cols: columns.length, data } : { shape: [array.shape[0], array.shape[1], columns.length], data }) as T
}
