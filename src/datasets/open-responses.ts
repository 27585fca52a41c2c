import { VentralError } from '../domain/errors.ts'
import { isAlgonauts, openAlgonauts } from './algonauts.ts'
import { agreeOnAxes } from './axes.ts'
import { openBrainIo } from './brainio/brainio.ts'
import { isAssembly } from './brainio/layout.ts'
import { openHdf5 } from './hdf5/client.ts'
import type { ImportFields } from './import-fields.ts'
import { openNx414 } from './nx414.ts'
import { isNwb, openNwb } from './nwb/nwb.ts'
import { openCsvResponses } from './responses-csv.ts'
import { openMat5Responses } from './responses-mat5.ts'
import { isMat73, openMat73Responses } from './responses-mat73.ts'
import { openNpyResponses } from './responses-npy.ts'
import { openNpzResponses } from './responses-npz.ts'
import type { OpenResponses } from './responses.ts'
import { firstBytes } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

const formats = [
  { name: 'npy', magic: '\x93NUMPY' },
  { name: 'zip', magic: 'PK' },
  { name: 'hdf5', magic: '\x89HDF\r\n\x1a\n' },
  { name: 'mat73', magic: 'MATLAB 7.3 MAT-file' },
  { name: 'matlab', magic: 'MATLAB 5.0 MAT-file' },
] as const

const formatOf = (start: string): (typeof formats)[number]['name'] | null => formats.find(({ magic }) => start.startsWith(magic))?.name ?? null

/** The formats as messages call them, and the fields that mean something to each, of those that only some formats need. */
const formatFields = {
  'a bare array': [],
  'an .npz': [],
  'an Algonauts archive': [],
  'a table': [],
  'NX-414': [],
  'a BrainIO assembly': ['variable'],
  'a MAT-file': ['variable'],
  'an NWB recording': ['intervals', 'onsetColumn', 'stimulusColumn'],
} as const satisfies Record<string, readonly (keyof ImportFields)[]>
type FormatName = keyof typeof formatFields

const refuseMeaningless = (file: SourceFile, fields: ImportFields, format: FormatName): void => {
  const meant: readonly (keyof ImportFields)[] = formatFields[format]
  const field = Object.values(formatFields).flat().find((name) => fields[name] !== null && !meant.includes(name))
  if (field !== undefined)
    throw new VentralError('unknown-field', `${field} means nothing for ${file.name}, which is ${format}: leave it out.`, [{ pointer: `/${field}`, expected: 'nothing', found: String(fields[field]) }])
}

const openHdf5Responses = async (file: SourceFile, fields: ImportFields, workFolder: string, signal?: AbortSignal): Promise<OpenResponses> => {
  const h5 = await openHdf5(file, { signal })
  try {
    if (isNwb(h5)) {
      refuseMeaningless(file, fields, 'an NWB recording')
      const { intervals, onsetColumn, stimulusColumn, timeBins, unit } = fields
      const responses = await openNwb(h5, { intervals, onsetColumn, stimulusColumn, timeBins, unit, workFolder, signal })
      agreeOnAxes(file, fields.axes, responses.axes)
      return responses
    }
    if (isAssembly(h5)) {
      refuseMeaningless(file, fields, 'a BrainIO assembly')
      const responses = await openBrainIo(h5, { variable: fields.variable, workFolder, signal })
      agreeOnAxes(file, fields.axes, responses.axes)
      return responses
    }
    if (isMat73(h5)) {
      refuseMeaningless(file, fields, 'a MAT-file')
      return await openMat73Responses(h5, { variable: fields.variable, axes: fields.axes, workFolder, signal })
    }
    refuseMeaningless(file, fields, 'NX-414')
    agreeOnAxes(file, fields.axes, ['stimulus', 'site'])
    return await openNx414(h5)
  } catch (error) {
    await h5.close()
    throw error
  }
}

/**
 * Opens responses by what the file holds, not by its name: .npy, .npz, .csv, .mat, BrainIO's .nc, NWB, Algonauts' folder as a zip, or NX-414's .h5. Close them when done.
 * Errors: unsupported-format, unknown-field (one that means nothing for the format), and those of each reader.
 */
export const openResponses = async (file: SourceFile, fields: ImportFields, workFolder: string, signal?: AbortSignal): Promise<OpenResponses> => {
  const start = (await firstBytes(file.path, 32)).toString('latin1')
  switch (formatOf(start)) {
    case 'npy':
      refuseMeaningless(file, fields, 'a bare array')
      return openNpyResponses(file, fields.axes)
    case 'zip':
      if (await isAlgonauts(file)) {
        refuseMeaningless(file, fields, 'an Algonauts archive')
        agreeOnAxes(file, fields.axes, ['stimulus', 'site'])
        return openAlgonauts(file, workFolder, signal)
      }
      refuseMeaningless(file, fields, 'an .npz')
      return openNpzResponses(file, fields.axes, workFolder, signal)
    case 'hdf5':
    case 'mat73':
      return openHdf5Responses(file, fields, workFolder, signal)
    case 'matlab':
      refuseMeaningless(file, fields, 'a MAT-file')
      return openMat5Responses(file, { variable: fields.variable, axes: fields.axes, workFolder, signal })
    case null:
      if (start === '')
        throw new VentralError('damaged-file', `${file.name} is empty.`, [{ pointer: file.name, expected: 'responses', found: 'an empty file' }])
      if (start.includes('\0'))
        throw new VentralError('unsupported-format', `${file.name} is of no format that responses are read from. Send .npy, .npz, .csv, .mat, .nc (BrainIO), .nwb, NX-414's .h5, or an Algonauts folder as .zip.`, [
          { pointer: file.name, expected: 'responses in one of these formats', found: 'other binary data' },
        ])
      refuseMeaningless(file, fields, 'a table')
      return openCsvResponses(file, fields.axes, workFolder, signal)
  }
}
