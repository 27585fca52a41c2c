import { columnOf, readTable } from '../../datasets/csv.ts'
import { readGivenRdm } from '../../datasets/given-rdm.ts'
import { sha256OfFile } from '../../datasets/source-file.ts'
import type { SourceFile } from '../../datasets/source-file.ts'
import type { DatasetManifest } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import { percentiles } from '../../encoding/rsa/rdm.ts'
import { uniqueSorted } from '../../encoding/splits/unique.ts'
import { getDataset } from '../../storage/repositories/datasets.ts'
import type { DatasetRow } from '../../storage/repositories/datasets.ts'
import type { PipelineContext } from '../context.ts'
import { versions } from '../engine.ts'
import { readManifest } from '../open-dataset.ts'
import { columnValues, MAX_RDM } from './group-representation.ts'
import { undefinedPairs } from './make-rdm.ts'
import type { MadeRdm } from './make-rdm.ts'
import { imagesOf } from './representation.ts'

/** An RDM that somebody else computed, with what names its rows: the file itself, a table, or a dataset whose order they follow. */
export interface GivenRdmRequest {
  file: SourceFile
  labels: SourceFile | null
  dataset: string | null
  /** which array of a file that holds several */
  variable: string | null
  by: string
  distance: string
  name: string | null
}

const mismatch = (detail: string, expected: string, found: string): VentralError => new VentralError('count-mismatch', detail, [{ pointer: '/labels', expected, found }])

const labelColumns = ['stimulus_id', 'label', 'image_id', 'filename']

const labelsOfTable = async (file: SourceFile, by: string): Promise<string[]> => {
  const column = columnOf(await readTable(file), [by, ...labelColumns])
  if (column !== null) return column.values
  throw new VentralError('missing-field', `${file.name} names no rows: it has no column ${labelColumns.join(', ')}${by === 'stimulus' ? '' : ` or ${by}`}.`, [{ pointer: '/labels', expected: 'a column stimulus_id', found: 'none' }])
}

const labelsOfDataset = (manifest: DatasetManifest, by: string): string[] => {
  const ids = manifest.stimuli.map(({ stimulusId }) => stimulusId)
  return by === 'stimulus' ? ids : uniqueSorted(columnValues(manifest, ids, by)).values.map(String)
}

const findLabels = async ({ labels, by }: GivenRdmRequest, inFile: string[] | null, manifest: DatasetManifest | null): Promise<string[]> => {
  if (labels !== null && inFile !== null) throw mismatch('The RDM’s file names its rows already: leave "labels" out.', 'no such file', labels.name)
  const named = labels === null ? inFile : await labelsOfTable(labels, by)
  if (named === null && manifest === null)
    throw new VentralError('missing-field', 'Nothing says which stimuli the rows of the RDM are. Send "labels" (CSV with stimulus_id, a line per row), or "dataset" where they follow the order of its stimuli.', [
      { pointer: '/labels', expected: 'a CSV file, or "dataset"', found: 'nothing' },
    ])
  if (named === null || manifest === null) return named ?? labelsOfDataset(manifest!, by)
  const known = new Set(labelsOfDataset(manifest, by))
  const stranger = named.find((label) => !known.has(label))
  if (stranger !== undefined) throw mismatch(`The dataset has no ${by} "${stranger}", which the RDM has.`, `${by} of the dataset`, stranger)
  return named
}

const checkLabels = (labels: string[], n: number, where: string): void => {
  if (labels.length !== n) throw mismatch(`${where} has ${n} rows, and ${labels.length} names for them.`, `${n} names`, String(labels.length))
  const seen = new Set<string>()
  for (const label of labels) {
    if (label === '' || seen.has(label)) throw new VentralError('duplicate-id', `The name "${label}" stands for two rows of ${where}, or is empty.`, [{ pointer: '/labels', expected: 'a name of its own for each row', found: label }])
    seen.add(label)
  }
}

const datasetFacts = ({ id, name, sha256 }: DatasetRow): object => ({ id, name, sha256 })

/** Reads and checks a given RDM. */
export const readGiven = async (context: PipelineContext, request: GivenRdmRequest): Promise<MadeRdm> => {
  const { file, variable, by, distance, name } = request
  const row = request.dataset === null ? null : await getDataset(context.db, request.dataset)
  const manifest = row === null ? null : await readManifest(context, row)
  const given = await readGivenRdm(file, variable)
  const { n, values } = given
  if (n > MAX_RDM) throw new VentralError('does-not-fit', `${file.name} has ${n} rows; an RDM may have ${MAX_RDM} here.`, [{ pointer: '/file', expected: `at most ${MAX_RDM} rows`, found: String(n) }])
  const labels = await findLabels(request, given.labels, manifest)
  checkLabels(labels, n, file.name)
  const rdm = { n, values }
  const undefinedOnes = undefinedPairs(rdm, labels)
  const stimulusOf = manifest === null || by !== 'stimulus' ? null : new Map(manifest.stimuli.map((stimulus) => [stimulus.stimulusId, stimulus]))
  return {
    summary: { name: name ?? (given.variable === null ? file.name : `${given.variable} of ${file.name}`), kind: 'given', n, by, distance },
    dataset: row?.id ?? null,
    card: {
      labels,
      of: null,
      undefinedPairs: undefinedOnes.count,
      animals: [],
      warnings: undefinedOnes.warnings,
      provenance: { versions, file: file.name, sha256: await sha256OfFile(file.path), ...(given.variable === null ? {} : { variable: given.variable }), ...(row === null ? {} : { dataset: datasetFacts(row) }) },
    },
    rdm,
    percentiles: percentiles(rdm),
    animals: [],
    images: manifest === null || stimulusOf === null ? null : imagesOf(manifest, labels.map((label) => stimulusOf.get(label)!)),
  }
}
