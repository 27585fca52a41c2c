import path from 'node:path'
import type { Stimulus } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { Table } from './csv.ts'
import { metadataColumns, metadataOfRow, namesInTable } from './metadata.ts'
import { nameStimuli } from './name-stimuli.ts'
import { pairStimuli } from './pairing.ts'
import type { StimulusOrder } from './pairing.ts'
import type { OpenResponses } from './responses.ts'
import type { ResponseShape } from './responses-summary.ts'
import type { SourceFile } from './source-file.ts'
import { openStimuli } from './stimuli.ts'

/** The stimuli of a dataset, known by name; their images are packed when `pack` is called. */
export interface ReadStimuli {
  /** what decided which row is which stimulus, for the record */
  by: string
  /** columns of the metadata that describe stimuli */
  columns: string[]
  warnings: string[]
  /** All images in one file, in the order of the rows; `packPath` is null where there are none. */
  pack(workFolder: string, signal?: AbortSignal): Promise<{ packPath: string | null; stimuli: Stimulus[]; warnings: string[] }>
  close(): void
}

export interface StimuliRequest {
  /** the zip, where there is one */
  file: SourceFile | null
  responses: OpenResponses
  shape: ResponseShape
  metadata: Table | null
  order: StimulusOrder | null
}

const describe = (metadata: Table | null, row: number | null): Record<string, string> => (metadata === null || row === null ? {} : metadataOfRow(metadata, row))

/** Finds out which row of the responses is which stimulus, with images or without. Errors: those of openStimuli, pairStimuli, nameStimuli. Close it when done. */
export const readStimuli = async (request: StimuliRequest): Promise<ReadStimuli> => (request.file === null && request.responses.images === null ? withoutImages(request) : withImages(request))

const withImages = async ({ file, responses, shape, metadata, order }: StimuliRequest): Promise<ReadStimuli> => {
  const opened = await openStimuli(file, responses)
  try {
    const pairing = pairStimuli({
      archive: opened.name,
      images: opened.images,
      responses: { file: responses.file, rows: shape.stimuli, names: responses.stimulusNames, sites: shape.sites },
      spareImages: responses.spareImages,
      metadata: metadata === null ? null : namesInTable(metadata),
      order,
    })
    return {
      by: pairing.by,
      columns: [...new Set([...opened.metadataColumns, ...(responses.stimulusMetadata?.columns ?? []), ...(metadata === null ? [] : metadataColumns(metadata))])],
      warnings: pairing.warnings,
      pack: async (workFolder, signal) => {
        const packPath = path.join(workFolder, 'stimuli.pack')
        const { packed, warnings } = await opened.writePack(pairing.stimuli.map(({ image }) => image), packPath, signal)
        const stimuli = pairing.stimuli.map(({ stimulusId, image, metadataRow }, row) => ({
          stimulusId,
          filename: opened.images[image].path,
          width: 0,
          height: 0,
          metadata: { ...opened.images[image].metadata, ...responses.stimulusMetadata?.rows[row], ...describe(metadata, metadataRow) },
          ...packed[row],
        }))
        return { packPath, stimuli, warnings }
      },
      close: () => opened.close(),
    }
  } catch (error) {
    opened.close()
    throw error
  }
}

const withoutImages = ({ responses, shape, metadata, order }: StimuliRequest): ReadStimuli => {
  if (order !== null)
    throw new VentralError('invalid-request', 'order says how images are sorted, and no images were sent. Leave it out, or send the images as "stimuli".', [{ pointer: '/order', expected: 'nothing', found: order }])
  const naming = nameStimuli({ responses: { file: responses.file, rows: shape.stimuli, names: responses.stimulusNames }, metadata: metadata === null ? null : namesInTable(metadata) })
  return {
    by: naming.by,
    columns: [...new Set([...(responses.stimulusMetadata?.columns ?? []), ...(metadata === null ? [] : metadataColumns(metadata))])],
    warnings: [
      ...naming.warnings,
      'There are no images: fits take activations from elsewhere (PUT /activations/{name}), and stimuli that show the same are not found. To run backbones, import the responses again with the images as "stimuli".',
    ],
    pack: () =>
      Promise.resolve({
        packPath: null,
        stimuli: naming.stimuli.map(({ stimulusId, filename, metadataRow }, row) => ({
          stimulusId,
          filename,
          sha256: '',
          offset: 0,
          bytes: 0,
          width: 0,
          height: 0,
          metadata: { ...responses.stimulusMetadata?.rows[row], ...describe(metadata, metadataRow) },
        })),
        warnings: [],
      }),
    close: () => undefined,
  }
}
