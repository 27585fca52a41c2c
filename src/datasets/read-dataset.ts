import path from 'node:path'
import type { DatasetManifest, ImportReport, ResponseUnit, Site, Stimulus, TimeBin } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import { writeCanonical } from './canonical-file.ts'
import { readTable } from './csv.ts'
import type { ImportFields } from './import-fields.ts'
import { reportResponses, responseWarnings } from './import-report.ts'
import { groupingColumns } from './metadata.ts'
import { readNormaliseOption } from './normalise-option.ts'
import { openResponses } from './open-responses.ts'
import { readStimuli } from './read-stimuli.ts'
import type { OpenResponses } from './responses.ts'
import { readSites } from './sites.ts'
import { sha256OfFile, sourceFile } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { responseShape } from './canonical-blocks.ts'

export type DatasetFileName = 'stimuli' | 'responses' | 'file' | 'metadata' | 'sites'

/** The uploaded files by their field of POST /datasets: a path, or a path and the name that the user gave the file. */
export type DatasetFiles = Partial<Record<DatasetFileName, string | SourceFile>>

export interface ReadDataset {
  /** every image's bytes, one behind the other (see Stimulus.offset, .bytes); null where there are no images */
  stimuliPackPath: string | null
  /** .npy, stimulus x site x time bin x repetition, float32 or float64; NaN = missing */
  responsesPath: string
  /** in the order of the responses' rows; width and height are 0 until the images have been decoded */
  stimuli: Stimulus[]
  /** in the order of the responses' site axis */
  sites: Site[]
  /** all that is known but the report: the dataset's manifest without it */
  manifest: Omit<DatasetManifest, 'report'>
  /** the part of the report that needs neither images nor reliability */
  report: Pick<ImportReport, 'repetitions' | 'missing' | 'constantSites' | 'psth'>
  /** columns of the metadata that describe stimuli */
  metadataColumns: string[]
}

const toSource = (file: string | SourceFile | undefined): SourceFile | null => (file === undefined ? null : typeof file === 'string' ? sourceFile(file) : file)

const missing = (field: string, detail: string): VentralError =>
  new VentralError('missing-field', detail, [{ pointer: `/${field}`, expected: 'a file', found: 'nothing' }])

const chooseResponses = (responses: SourceFile | null, container: SourceFile | null): SourceFile => {
  if (responses !== null && container !== null) {
    throw new VentralError('invalid-request', 'Send either "responses" or "file" (a container that holds the responses), not both.', [
      { pointer: '/file', expected: 'one of both', found: 'both' },
    ])
  }
  const file = container ?? responses
  if (file === null) throw missing('responses', 'The responses are missing: send "responses" (.npy, .csv or .npz), or "file" (a container: NX-414 .h5, BrainIO .nc, .npz).')
  return file
}

/** The unit as stated; for a format that implies one, by its values. A raw array without a unit is refused: its zero and scale mean nothing. */
const requireUnit = (unit: ResponseUnit | null, responses: OpenResponses): ResponseUnit | null => {
  if (unit !== null || responses.impliedUnit !== null) return unit
  throw new VentralError(
    'missing-field',
    'The unit of the responses is missing: say unit=count, spikes/s, zscore, baselineSubtracted, or other when unknown.',
    [{ pointer: '/unit', expected: 'count, spikes/s, zscore, baselineSubtracted or other', found: 'nothing' }],
  )
}

const chooseTimeBins = (fields: ImportFields, responses: OpenResponses): TimeBin[] | null => {
  const bins = fields.timeBins ?? responses.timeBins
  const { timeBins: count } = responseShape(responses.array)
  if (bins !== null && bins.length !== count) {
    throw new VentralError(
      'count-mismatch',
      `timeBinMs states ${bins.length} windows and ${responses.file} has ${count} time bins. State one window per bin, with ";" between.`,
      [{ pointer: '/timeBinMs', expected: `${count} windows`, found: `${bins.length}` }],
    )
  }
  return bins
}

/** What the importer says of where the data came from. */
const statedFacts = ({ simulated, generator }: ImportFields): Record<string, string> => ({
  ...(simulated === true ? { simulated: 'true' } : {}),
  ...(generator === null ? {} : { generator }),
})

const sourceFacts = async (files: Record<string, SourceFile | null>, facts: Record<string, string>, signal?: AbortSignal): Promise<Record<string, string>> => {
  const source = { ...facts }
  for (const [field, file] of Object.entries(files)) {
    if (file === null) continue
    source[field] = file.name
    source[`${field}Sha256`] = await sha256OfFile(file.path, signal)
  }
  return source
}

/**
 * Reads an upload: responses into canonical order, images into one pack in the responses' order, names joined, everything checked.
 * Writes only into `workFolder`, which the caller deletes. Errors: VentralError with the codes of CONTRACT's "Datasets"; each names the
 * file, the field, what was found and what was expected.
 */
export const readDataset = async (request: DatasetFiles & { fields: ImportFields }, workFolder: string, signal?: AbortSignal): Promise<ReadDataset> => {
  const { fields } = request
  const files = { stimuli: toSource(request.stimuli), metadata: toSource(request.metadata), sites: toSource(request.sites) }
  const responsesFile = chooseResponses(toSource(request.responses), toSource(request.file))

  const responses = await openResponses(responsesFile, fields, workFolder, signal)
  try {
    const unit = requireUnit(fields.unit, responses)
    const timeBins = chooseTimeBins(fields, responses)
    const metadata = files.metadata === null ? null : await readTable(files.metadata, signal)
    const siteTable = files.sites === null ? null : await readTable(files.sites, signal)

    // who is who: sites, then stimuli
    const shape = responseShape(responses.array)
    const sites = readSites(
      { file: responses.file, count: shape.sites, ids: responses.siteIds, regions: responses.regions, animals: responses.animals, metadata: responses.siteMetadata },
      siteTable,
      fields.region ?? responses.impliedRegion,
    )
    const named = await readStimuli({ file: files.stimuli, responses, shape, metadata, order: fields.order })
    try {
      // the arrays, checked value by value, then the images
      const responsesPath = path.join(workFolder, 'responses.npy')
      const summary = await writeCanonical(responses, responsesPath, unit, signal)
      const { packPath, stimuli, warnings } = await named.pack(workFolder, signal)
      const normalise = readNormaliseOption(fields, stimuli, named.columns)
      const report = reportResponses(summary, sites)
      const finalUnit = unit ?? (summary.least < 0 ? 'other' : responses.impliedUnit!)
      return {
        stimuliPackPath: packPath,
        responsesPath,
        stimuli,
        sites,
        report: { ...report, ...(responses.psth === null ? {} : { psth: responses.psth }) },
        metadataColumns: named.columns,
        manifest: {
          name: fields.name ?? responsesFile.name.replace(/(?<=.)\.[^.]*$/, ''),
          unit: finalUnit,
          ...(normalise === null ? {} : { normalise }),
          ...(packPath === null ? { images: false as const } : {}),
          axes: responses.axes,
          stimuli,
          sites,
          timeBins,
          visualDegrees: fields.visualDegrees,
          backgroundRgb: fields.backgroundRgb,
          groupingColumns: groupingColumns(named.columns, stimuli),
          warnings: [
            ...responses.warnings,
            ...named.warnings,
            ...warnings,
            ...responseWarnings({ responses, shape, report, unit: finalUnit, unitStated: unit !== null, timeBins }),
          ],
          source: await sourceFacts({ responses: responsesFile, ...files }, { reader: responses.reader, pairedBy: named.by, ...statedFacts(fields) }, signal),
        },
      }
    } finally {
      named.close()
    }
  } finally {
    await responses.close()
  }
}
