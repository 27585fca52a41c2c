import { VentralError } from '../domain/errors.ts'
import type { ImageSource, OpenResponses } from './responses.ts'
import type { SourceFile } from './source-file.ts'
import { packStimuli } from './stimuli-pack.ts'
import { openZip } from './zip.ts'

export interface OpenStimuli extends ImageSource {
  close(): void
}

/** Opens the images: those of the container that the responses came from, else the zip. Errors: missing-field, invalid-request, those of openZip. */
export const openStimuli = async (file: SourceFile | null, responses: OpenResponses): Promise<OpenStimuli> => {
  if (responses.images !== null) {
    if (file !== null) {
      throw new VentralError('invalid-request', `${responses.images.name} holds its own images; send it without "stimuli".`, [
        { pointer: '/stimuli', expected: 'nothing', found: file.name },
      ])
    }
    return { ...responses.images, close: () => undefined }
  }
  if (file === null) {
    throw new VentralError('missing-field', `The images are missing: send them as "stimuli", one zip archive; ${responses.file} holds none.`, [
      { pointer: '/stimuli', expected: 'a zip of images', found: 'nothing' },
    ])
  }
  const zip = await openZip(file)
  return {
    name: file.name,
    images: zip.entries.map(({ path, baseName }) => ({ path, baseName, metadata: {} })),
    metadataColumns: [],
    writePack: async (order, path, signal) => ({
      packed: await packStimuli(
        zip,
        order.map((i) => zip.entries[i]),
        path,
        signal,
      ),
      warnings: [],
    }),
    close: () => zip.close(),
  }
}
