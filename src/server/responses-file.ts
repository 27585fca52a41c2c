import { VentralError } from '../domain/errors.ts'
import { encodeNpy, openNpy } from '../numerics/npy.ts'
import { streamNpzFiles } from '../numerics/npz.ts'
import type { DatasetResponses } from '../pipeline/dataset-responses.ts'
import { cell } from './csv-cell.ts'

export const responseFormats = ['npz', 'csv'] as const
export type ResponseFormat = (typeof responseFormats)[number]

/** Values per read: a few megabytes, however large the dataset. */
const valuesAtOnce = 500_000

/**
 * The responses as an .npz that an import takes again, with axes=stimulus,site,time,repetition: `responses` (NaN where missing), `stimulus_id`,
 * `site_id`, `region`, `filename` where the stimuli have one, and `time_bin_start` and `time_bin_end` in ms where windows are known.
 */
export const responsesNpz = ({ stimuli, sites, timeBins, path }: DatasetResponses): ReturnType<typeof streamNpzFiles> => {
  const texts = (values: readonly string[]): Uint8Array => encodeNpy(values, [values.length])
  const numbers = (values: readonly number[]): Uint8Array => encodeNpy(Float64Array.from(values), [values.length])
  return streamNpzFiles({
    responses: path,
    stimulus_id: texts(stimuli.map(({ stimulusId }) => stimulusId)),
    ...(stimuli.every(({ filename }) => filename !== '') ? { filename: texts(stimuli.map(({ filename }) => filename)) } : {}),
    site_id: texts(sites.map(({ siteId }) => siteId)),
    region: texts(sites.map(({ region }) => region)),
    ...(timeBins === null ? {} : { time_bin_start: numbers(timeBins.map(({ startMs }) => startMs)), time_bin_end: numbers(timeBins.map(({ endMs }) => endMs)) }),
  })
}

async function* csvLines({ stimuli, sites, path }: DatasetResponses): AsyncGenerator<string> {
  const npy = await openNpy(path)
  try {
    const repetitions = npy.header.shape[3]
    const width = sites.length * repetitions
    yield `stimulus_id,repetition,${sites.map(({ siteId }) => cell(siteId)).join(',')}\n`
    const step = Math.max(1, Math.floor(valuesAtOnce / width))
    for (let first = 0; first < stimuli.length; first += step) {
      const last = Math.min(stimuli.length, first + step)
      const values = await npy.rows(first, last) // (stimulus x site x 1 x repetition)
      let lines = ''
      for (let i = first; i < last; i++)
        for (let r = 0; r < repetitions; r++) {
          const cells = sites.map((_, j) => values[((i - first) * sites.length + j) * repetitions + r])
          // a presentation that no site has is none
          if (cells.some((value) => !Number.isNaN(value))) lines += `${cell(stimuli[i].stimulusId)},${r},${cells.map((value) => (Number.isNaN(value) ? '' : value)).join(',')}\n`
        }
      yield lines
    }
  } finally {
    await npy.close()
  }
}

/** The responses as CSV that an import takes again: a row per stimulus and repetition, a column per site. Errors: invalid-value (several time bins). */
export const responsesCsv = (responses: DatasetResponses): AsyncGenerator<string> => {
  const bins = responses.timeBins?.length ?? 1
  if (bins > 1) throw new VentralError('invalid-value', `The responses have ${bins} time bins, for which a table has no place. Ask for format=npz.`, [{ pointer: '/format', expected: 'npz', found: 'csv' }])
  return csvLines(responses)
}
