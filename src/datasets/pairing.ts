import { VentralError } from '../domain/errors.ts'
import { compareCodePoints, compareNatural } from './natural-order.ts'
import { quoted, some } from './source-file.ts'
import { findImages, indexImages, refuseRepeats } from './stimulus-names.ts'
import type { ImageIndex, NamedImage, RowNames } from './stimulus-names.ts'

export type StimulusOrder = 'natural' | 'codepoint'

export interface PairingRequest {
  /** the images' file name, for messages */
  archive: string
  images: readonly NamedImage[]
  /** the responses' rows */
  responses: { file: string; rows: number; sites: number; names: RowNames | null }
  metadata: (RowNames & { rows: number }) | null
  order: StimulusOrder | null
  /** images that the rows do not name are left out with a warning, instead of refused */
  spareImages: boolean
}

export interface PairedStimulus {
  stimulusId: string
  /** index into the request's images */
  image: number
  /** index of the metadata's row; null without metadata */
  metadataRow: number | null
}

export interface Pairing {
  /** in the order of the responses' rows */
  stimuli: PairedStimulus[]
  /** what decided the order, for the record */
  by: 'names in the responses' | 'order of the metadata' | 'natural order of the paths' | 'code-point order of the paths'
  warnings: string[]
}

const mismatch = (detail: string, pointer: string, expected: string, found: string): VentralError =>
  new VentralError('count-mismatch', detail, [{ pointer, expected, found }])

/** Image index per row when the rows carry names: every name an image, every image a row. */
const pairByName = (request: PairingRequest, names: RowNames, index: ImageIndex): { rows: number[]; unused: string[] } => {
  refuseRepeats(names.file, 'stimulus_id', names.stimulusIds)
  refuseRepeats(names.file, 'filename', names.filenames)
  const { metadata, images, archive } = request
  const filenameOfId = new Map(metadata?.stimulusIds && metadata.filenames ? metadata.stimulusIds.map((id, i) => [id, metadata.filenames![i]]) : [])
  const found = findImages(names, index, filenameOfId)
  const given = names.filenames ?? names.stimulusIds ?? []
  const unknown = given.filter((_, i) => found[i] === undefined)
  if (unknown.length > 0) {
    throw mismatch(
      `${names.file} names ${unknown.length} stimuli that ${archive} does not hold: ${some(unknown)}. ` +
        'Add those images, or name the stimuli by their file names.',
      `${names.file}: ${names.filenames ? 'filename' : 'stimulus_id'}`,
      `names of the ${images.length} images`,
      some(unknown),
    )
  }
  const rows = found as number[]
  const rowOf = new Map<number, number>()
  rows.forEach((image, row) => {
    const other = rowOf.get(image)
    if (other !== undefined)
      throw new VentralError('duplicate-id', `${names.file}: ${quoted(given[other])} and ${quoted(given[row])} are the same image, ${images[image].path}.`)
    rowOf.set(image, row)
  })
  const unused = images.filter((_, i) => !rowOf.has(i)).map(({ path }) => path)
  if (unused.length > 0 && !request.spareImages)
    throw mismatch(
      `${archive} holds ${images.length} images and ${names.file} names ${rows.length}: no row for ${some(unused)}.`,
      archive,
      `${rows.length} images`,
      `${images.length} images`,
    )
  return { rows, unused }
}

/** The metadata's own order, when it names every image once and nothing else; null otherwise. */
const metadataOrder = (request: PairingRequest, index: ImageIndex): number[] | null => {
  const { metadata, images } = request
  if (metadata === null || metadata.rows !== images.length || request.order !== null) return null
  const found = findImages(metadata, index, new Map())
  return found.every((image) => image !== undefined) && new Set(found).size === images.length ? found : null
}

const first = (request: PairingRequest, order: readonly number[]): string => some(order.slice(0, 3).map((i) => request.images[i].path))

/** Image index per row when nothing names the rows: the sorted paths, provided that natural and code-point order agree. */
const pairByOrder = (request: PairingRequest): { rows: number[]; by: Pairing['by'] } => {
  const indices = request.images.map((_, i) => i)
  const natural = indices.toSorted((a, b) => compareNatural(request.images[a].path, request.images[b].path))
  const codePoint = indices.toSorted((a, b) => compareCodePoints(request.images[a].path, request.images[b].path))
  const same = natural.every((image, row) => image === codePoint[row])
  if (!same && request.order === null) {
    throw new VentralError(
      'ambiguous-order',
      `The rows of ${request.responses.file} carry no names, and the images of ${request.archive} sort in two ways: ` +
        `${first(request, natural)}, ... (natural) or ${first(request, codePoint)}, ... (code points). ` +
        'Say order=natural or order=codepoint, or name the rows by a metadata file.',
      [
        { pointer: '/order', expected: 'natural', found: first(request, natural) },
        { pointer: '/order', expected: 'codepoint', found: first(request, codePoint) },
      ],
    )
  }
  return request.order === 'codepoint' ? { rows: codePoint, by: 'code-point order of the paths' } : { rows: natural, by: 'natural order of the paths' }
}

/** The metadata row of each stimulus, by filename or id. */
const joinMetadata = (
  metadata: RowNames & { rows: number },
  rows: readonly number[],
  ids: readonly (string | null)[],
  index: ImageIndex,
): { metadataRows: number[]; extra: number } => {
  refuseRepeats(metadata.file, 'stimulus_id', metadata.stimulusIds)
  refuseRepeats(metadata.file, 'filename', metadata.filenames)
  const byId = new Map(metadata.stimulusIds?.map((id, i) => [id, i]))
  const byImage = new Map<number, number>()
  findImages(metadata, index, new Map()).forEach((image, i) => {
    if (image !== undefined) byImage.set(image, i)
  })
  const metadataRows = rows.map((image, row) => (ids[row] === null ? undefined : byId.get(ids[row])) ?? byImage.get(image))
  const missing = metadataRows.filter((row) => row === undefined).length
  if (missing > 0) {
    const example = metadataRows.findIndex((row) => row === undefined)
    throw mismatch(
      `${metadata.file} has no row for ${missing} of the ${rows.length} stimuli, among them ${quoted(ids[example] ?? index.stems[rows[example]])}. ` +
        'Give every stimulus a row.',
      metadata.file,
      `a row for each of ${rows.length} stimuli`,
      `${rows.length - missing} rows that match`,
    )
  }
  return { metadataRows: metadataRows as number[], extra: metadata.rows - new Set(metadataRows).size }
}

/**
 * Which image belongs to which row of the responses (CONTRACT, "Pairing"): by the responses' own names, else in the metadata's order when
 * it names every image, else by sorted paths. Errors: count-mismatch, duplicate-id, ambiguous-order.
 */
export const pairStimuli = (request: PairingRequest): Pairing => {
  const { images, responses, metadata, archive } = request
  const index = indexImages(archive, images)
  const names = responses.names
  if (names === null && responses.rows !== images.length) {
    const hint =
      responses.sites === images.length ? 'the site axis has that length, so perhaps axes=site,stimulus is meant' : 'check the axes, and what is in the archive'
    throw mismatch(
      `${responses.file} has ${responses.rows} stimuli and ${archive} holds ${images.length} images. They must be equal: ${hint}.`,
      responses.file,
      `${images.length} stimuli`,
      `${responses.rows} stimuli`,
    )
  }
  const warnings: string[] = []
  const fromMetadata = names === null ? metadataOrder(request, index) : null
  const { rows, by, unused } =
    names !== null
      ? { ...pairByName(request, names, index), by: 'names in the responses' as const }
      : fromMetadata !== null
        ? { rows: fromMetadata, by: 'order of the metadata' as const, unused: [] }
        : { ...pairByOrder(request), unused: [] }
  if (unused.length > 0) warnings.push(`${archive} holds ${unused.length} images without responses, which were left out: ${some(unused)}.`)
  if (fromMetadata !== null) {
    const sorted = fromMetadata.toSorted((a, b) => compareNatural(images[a].path, images[b].path))
    if (!sorted.every((image, row) => image === fromMetadata[row])) {
      warnings.push(
        `The rows of ${responses.file} were paired with the images in the order of ${metadata!.file} (${first(request, fromMetadata)}), ` +
          `which is not that of the file names (${first(request, sorted)}). If that is wrong, say order=natural or order=codepoint.`,
      )
    }
  }
  const ids = rows.map((_, row) => names?.stimulusIds?.[row] ?? null)
  const joined = metadata === null ? null : joinMetadata(metadata, rows, ids, index)
  if (joined !== null && joined.extra > 0) warnings.push(`${metadata!.file} has ${joined.extra} rows that belong to no stimulus; they were left out.`)
  const stimuli = rows.map((image, row) => {
    const metadataRow = joined?.metadataRows[row] ?? null
    const fromTable = metadataRow === null ? undefined : metadata?.stimulusIds?.[metadataRow]
    return { stimulusId: ids[row] ?? fromTable ?? index.stems[image], image, metadataRow }
  })
  refuseRepeats(
    responses.file,
    'stimulus_id',
    stimuli.map(({ stimulusId }) => stimulusId),
  )
  return { stimuli, by, warnings }
}
