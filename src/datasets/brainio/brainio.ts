import fs from 'node:fs'
import type { TimeBin } from '../../domain/dataset.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import { copyRows } from '../hdf5/copy-rows.ts'
import { readNumberColumn, readTextColumn } from '../hdf5/columns.ts'
import type { ListedObject } from '../hdf5/protocol.ts'
import { planFromColumns } from '../presentation-table.ts'
import { nothingImplied } from '../responses.ts'
import type { OpenResponses } from '../responses.ts'
import { siteIdColumns } from '../sites.ts'
import { openValueFile, presentationArray } from '../value-file.ts'
import { findLayout } from './layout.ts'

/** Coordinates as columns of text, and the names of those that are no text. */
const readColumns = async (h5: Hdf5File, coordinates: readonly ListedObject[]): Promise<{ columns: Map<string, string[]>; unread: string[] }> => {
  const columns = new Map<string, string[]>()
  const unread: string[] = []
  for (const object of coordinates) {
    const values = await readTextColumn(h5, object)
    if (values === null) unread.push(object.name)
    else columns.set(object.name, values)
  }
  return { columns, unread }
}

const readTimeBins = async (h5: Hdf5File, coordinates: readonly ListedObject[]): Promise<TimeBin[] | null> => {
  const column = async (name: string): Promise<Float64Array | null> => {
    const object = coordinates.find((one) => one.name === name)
    return object === undefined || (object.type !== 'integer' && object.type !== 'float') ? null : readNumberColumn(h5, object, 0, object.shape[0])
  }
  const [starts, ends] = [await column('time_bin_start'), await column('time_bin_end')]
  if (starts === null || ends === null || !starts.every((start, i) => start < ends[i])) return null
  return Array.from(starts, (startMs, i) => ({ startMs, endMs: ends[i] }))
}

/** What a stored value means, by the conventions of netCDF (CF, section 8.1): the fill value is missing, others are scaled. */
const decoder = ({ attributes }: ListedObject): ((value: number | bigint) => number) => {
  const of = (name: '_FillValue' | 'scale_factor' | 'add_offset', otherwise: number): number => (typeof attributes[name] === 'number' ? attributes[name] : otherwise)
  const [fill, scale, offset] = [of('_FillValue', NaN), of('scale_factor', 1), of('add_offset', 0)]
  return (value) => (Number(value) === fill ? NaN : Number(value) * scale + offset)
}

const own: readonly string[] = [...siteIdColumns, 'region', 'animal']

/**
 * Opens a BrainIO / Brain-Score assembly (NetCDF-4): a variable over presentation, neuroid and perhaps time_bin in any order, with flat
 * coordinates. Presentations are grouped by stimulus and repetition. The values are copied to `workFolder` slab by slab. Errors:
 * missing-field, unknown-axes, count-mismatch, does-not-fit, those of the HDF5 reader. Closing the responses closes the file.
 */
export const openBrainIo = async (h5: Hdf5File, { variable, workFolder, signal }: { variable: string | null; workFolder: string; signal?: AbortSignal }): Promise<OpenResponses> => {
  const file = h5.file.name
  const layout = findLayout(h5, variable)
  const { data, axes, size, coordinates } = layout
  const presentations = await readColumns(h5, coordinates.presentation)
  const sites = await readColumns(h5, coordinates.site)
  const { plan, stimulusMetadata, warnings } = planFromColumns(file, presentations.columns, { width: size.site * size.time, bytes: (await fs.promises.stat(h5.file.path)).size })
  const timeBins = await readTimeBins(h5, coordinates.time)

  const values = await openValueFile(workFolder)
  try {
    const order = (['presentation', 'site', 'time'] as const).map((axis) => axes.indexOf(axis)).filter((axis) => axis >= 0)
    await copyRows(h5, data, values, { order, decode: decoder(data), signal })
  } catch (error) {
    await values.close()
    throw error
  }
  const others = [...sites.columns].filter(([name]) => !own.includes(name))
  const unread = [...presentations.unread, ...sites.unread]
  const exact32 = data.attributes.scale_factor === undefined && data.attributes.add_offset === undefined && (data.type === 'float' ? data.size <= 4 : data.size <= 2)
  return {
    ...nothingImplied,
    reader: 'brainio',
    file,
    axes: ['stimulus', 'site', ...(size.time > 1 ? (['time'] as const) : []), ...(plan.repetitions > 1 ? (['repetition'] as const) : [])],
    array: presentationArray(file, values, plan, size.site, size.time),
    stimulusNames: plan.names,
    siteIds: siteIdColumns.map((name) => sites.columns.get(name)).find((ids) => ids !== undefined) ?? null,
    regions: sites.columns.get('region') ?? null,
    animals: sites.columns.get('animal') ?? null,
    siteMetadata: Array.from({ length: size.site }, (_, i) => Object.fromEntries(others.map(([name, texts]) => [name, texts[i]]))),
    stimulusMetadata,
    spareImages: true,
    dtype: exact32 ? 'f4' : 'f8',
    axesAssumed: false,
    timeBins,
    warnings: [...warnings, ...(unread.length > 0 ? [`${file}: ${unread.join(', ')} were left out: they are neither names nor numbers.`] : [])],
    close: async () => {
      await values.close()
      await h5.close()
    },
  }
}
