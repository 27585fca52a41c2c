import type { DatasetManifest } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Matrix, NdArray } from '../../domain/matrix.ts'
import type { MissingRule, ResponsesSource } from '../../domain/rdm.ts'
import { normaliseResponses, normaliseTrials } from '../../encoding/normalise.ts'
import { readNpyFile } from '../../numerics/npy.ts'
import { getDataset } from '../../storage/repositories/datasets.ts'
import { chooseSites } from '../choose-sites.ts'
import type { PipelineContext } from '../context.ts'
import { readManifest } from '../open-dataset.ts'
import { normalisationOf, unitOf } from '../normalisation.ts'
import { responsesOf } from '../responses.ts'
import type { Responses } from '../responses.ts'
import { imagesOf } from './representation.ts'
import type { Patterns, Representation } from './representation.ts'

/** Rows and columns that a rule for missing responses keeps, (stimulus x site) NaN where missing. Throws `choose-sites` where nothing can be kept. */
export const completePart = ({ rows, cols, data }: Matrix, rule: MissingRule): { rows: number[]; columns: number[] } => {
  const lacks = (i: number, j: number): boolean => Number.isNaN(data[i * cols + j])
  const [everyRow, everyColumn] = [Array.from({ length: rows }, (_, i) => i), Array.from({ length: cols }, (_, j) => j)]
  const seen = everyRow.filter((i) => everyColumn.every((j) => !lacks(i, j)))
  if (seen.length === rows) return { rows: everyRow, columns: everyColumn }
  const complete = everyColumn.filter((j) => everyRow.every((i) => !lacks(i, j)))
  const counts = `All sites saw ${seen.length} of ${rows} stimuli; ${complete.length} of ${cols} sites saw them all.`
  if (rule === 'refuse')
    throw new VentralError('choose-sites', `Some of the sites never saw some of the stimuli. ${counts} Say "missing": "sharedStimuli" or "missing": "completeSites", or choose other sites.`, [
      { pointer: '/of/missing', expected: '"sharedStimuli" or "completeSites"', found: 'refuse' },
    ])
  if (rule === 'sharedStimuli' ? seen.length === 0 : complete.length === 0)
    throw new VentralError('choose-sites', `"missing": "${rule}" leaves nothing. ${counts} Choose other sites.`, [{ pointer: '/of/missing', expected: 'a rule that leaves some responses', found: rule }])
  return rule === 'sharedStimuli' ? { rows: seen, columns: everyColumn } : { rows: everyRow, columns: complete }
}

const part = ({ cols, data }: Matrix, rows: number[], columns: number[]): Matrix => ({
  rows: rows.length,
  cols: columns.length,
  data: Float64Array.from({ length: rows.length * columns.length }, (_, k) => data[rows[Math.floor(k / columns.length)] * cols + columns[k % columns.length]]),
})

const partOfTrials = ({ shape: [, cols, repetitions], data }: NdArray, rows: number[], columns: number[]): NdArray | null => {
  if (repetitions < 2) return null
  const out = new Float64Array(rows.length * columns.length * repetitions) // (stimulus x site x repetition)
  rows.forEach((row, i) =>
    columns.forEach((column, j) => {
      const from = (row * cols + column) * repetitions
      out.set(data.subarray(from, from + repetitions), (i * columns.length + j) * repetitions)
    }),
  )
  return { shape: [rows.length, columns.length, repetitions], data: out }
}

const animalsOf = ({ sites }: DatasetManifest, siteIndex: number[]): Patterns['animals'] => {
  const byAnimal = Map.groupBy(
    siteIndex.map((site, column) => ({ animal: sites[site].animal, column })),
    ({ animal }) => animal,
  )
  return [...byAnimal].flatMap(([animal, columns]) => (animal === undefined || animal === '' ? [] : [{ animal, columns: columns.map(({ column }) => column) }]))
}

/** Responses as fits take them: normalised per session where the dataset says so. Nothing is held out here, so that all stimuli count. */
const asFitted = (manifest: DatasetManifest, { mean, trials }: Pick<Responses, 'mean' | 'trials'>): Pick<Responses, 'mean' | 'trials'> => {
  const normalisation = normalisationOf(manifest)
  if (normalisation === null) return { mean, trials }
  const all = Int32Array.from({ length: mean.rows }, (_, i) => i)
  return { mean: normaliseResponses(mean, all, normalisation), trials: normaliseTrials(trials, normalisation) }
}

/** Mean responses of the chosen sites of a dataset, with their single trials. */
export const responsesOfSites = async (context: PipelineContext, { dataset: id, sites, zscore, missing }: ResponsesSource): Promise<Representation> => {
  const row = await getDataset(context.db, id)
  const manifest = await readManifest(context, row)
  const chosen = chooseSites(manifest, sites)
  const { mean, trials } = asFitted(manifest, responsesOf(manifest, await readNpyFile(context.blobs.path(row.responses)), chosen))
  const { rows, columns } = completePart(mean, missing)
  const siteIndex = columns.map((column) => chosen[column])
  const [left, leftSites] = [mean.rows - rows.length, mean.cols - columns.length]
  const regions = [...new Set(siteIndex.map((j) => manifest.sites[j].region))].join(', ')
  return {
    kind: 'responses',
    stimulusIds: rows.map((i) => manifest.stimuli[i].stimulusId),
    images: imagesOf(manifest, rows.map((i) => manifest.stimuli[i])),
    manifest,
    form: { patterns: part(mean, rows, columns), trials: partOfTrials(trials, rows, columns), animals: animalsOf(manifest, siteIndex), zscore },
    title: `${regions} responses of ${row.name}`,
    provenance: {
      dataset: { id: row.id, name: row.name, sha256: row.sha256, source: manifest.source, simulated: manifest.source.simulated === 'true' },
      unit: unitOf(manifest),
      normalise: manifest.normalise ?? null,
      sites: siteIndex.map((j) => manifest.sites[j].siteId),
    },
    warnings: [
      ...(left > 0 ? [`${left} of ${mean.rows} stimuli are left out: some of the sites never saw them.`] : []),
      ...(leftSites > 0 ? [`${leftSites} of ${mean.cols} sites are left out: they never saw some of the stimuli.`] : []),
    ],
  }
}
