import { VentralError } from '../../domain/errors.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import type { ListedObject } from '../hdf5/protocol.ts'
import { quoted, some } from '../source-file.ts'

/** The axes of an assembly, by the names of its dimensions. */
const axisOfDimension = { presentation: 'presentation', neuroid: 'site', time_bin: 'time' } as const
export type AssemblyAxis = (typeof axisOfDimension)[keyof typeof axisOfDimension]

/** The variable of responses in a NetCDF-4 assembly, and its coordinates by the axis that they lie along. */
export interface AssemblyLayout {
  data: ListedObject
  /** in the order in which the file has them */
  axes: AssemblyAxis[]
  /** number of elements along each axis; 1 where the file has no such axis */
  size: Record<AssemblyAxis, number>
  coordinates: Record<AssemblyAxis, ListedObject[]>
}

/** xarray's name for an array without one was this. */
const dataNames = ['data', '__xarray_dataarray_variable__'] as const

const isDimension = ({ attributes }: ListedObject): boolean => String(attributes.CLASS) === 'DIMENSION_SCALE'

/** Whether an HDF5 file is a NetCDF-4 assembly, or the user names the variable of one. */
export const isAssembly = (h5: Hdf5File): boolean =>
  [...h5.objects.values()].some(isDimension) && [...h5.objects.values()].some(({ dimensions }) => dimensions.some((name) => name !== null))

const findData = (h5: Hdf5File, variable: string | null): ListedObject => {
  const wanted = variable === null ? dataNames : [variable]
  const data = wanted.map((name) => h5.objects.get(name)).find((object) => object !== undefined)
  if (data !== undefined) return data
  const arrays = [...h5.objects.values()].filter(({ shape, type }) => shape.length >= 2 && (type === 'float' || type === 'integer')).map(({ name }) => name)
  const file = h5.file.name
  throw new VentralError(
    'missing-field',
    variable === null
      ? `${file} holds no variable "data" (or "__xarray_dataarray_variable__"). Say which one holds the responses with "variable"${arrays.length > 0 ? `: ${some(arrays, 8)}` : ''}.`
      : `${file} holds no variable ${quoted(variable)}. It holds ${some(arrays, 8) || 'no array'}.`,
    [{ pointer: '/variable', expected: some(arrays, 8) || 'data', found: variable ?? 'nothing' }],
  )
}

const axesOf = (file: string, data: ListedObject): AssemblyAxis[] => {
  const found = `(${data.dimensions.map((name) => name ?? 'unnamed').join(', ')})`
  const refuse = (what: string): VentralError =>
    new VentralError('unknown-axes', `${file}: ${data.name} has the dimensions ${found}${what}.`, [
      { pointer: `${file}: ${data.name}`, expected: 'presentation and neuroid, perhaps time_bin, in any order', found },
    ])
  const axes = data.dimensions.map((name) => {
    if (name === null || !Object.hasOwn(axisOfDimension, name))
      throw refuse(
        name === 'event'
          ? ': it is a list of spike times, not of responses. Bin it into rates per presentation and neuroid, or send the recording as NWB'
          : '; expected presentation and neuroid, perhaps time_bin, in any order. Rename or drop the others',
      )
    return axisOfDimension[name as keyof typeof axisOfDimension]
  })
  if (!axes.includes('presentation') || !axes.includes('site') || new Set(axes).size < axes.length) throw refuse('; expected presentation and neuroid, each once')
  const empty = data.shape.findIndex((side) => side === 0)
  if (empty >= 0) throw new VentralError('count-mismatch', `${file}: the dimension ${data.dimensions[empty]} of ${data.name} is empty.`, [{ pointer: `${file}: ${data.name}`, expected: 'at least one of everything', found: `(${data.shape.join(', ')})` }])
  return axes
}

/**
 * Finds the responses and their coordinates: the variables that the data variable's attribute `coordinates` lists, or without it all of one
 * dimension of its own. Errors: missing-field, unknown-axes, count-mismatch.
 */
export const findLayout = (h5: Hdf5File, variable: string | null): AssemblyLayout => {
  const file = h5.file.name
  const data = findData(h5, variable)
  const axes = axesOf(file, data)
  const size: AssemblyLayout['size'] = { presentation: 1, site: 1, time: 1 }
  axes.forEach((axis, i) => (size[axis] = data.shape[i]))
  const stated = data.attributes.coordinates
  const names = typeof stated === 'string' ? stated.split(' ').filter((name) => name !== '') : [...h5.objects.keys()].filter((name) => name !== data.name)
  const coordinates: AssemblyLayout['coordinates'] = { presentation: [], site: [], time: [] }
  for (const name of names) {
    const object = h5.objects.get(name)
    if (object === undefined || object.shape.length !== 1 || isDimension(object)) continue
    const at = data.dimensions.indexOf(object.dimensions[0])
    if (at < 0) continue
    if (object.shape[0] !== data.shape[at])
      throw new VentralError('count-mismatch', `${file}: ${name} has ${object.shape[0]} values and the dimension ${data.dimensions[at]} of ${data.name} has ${data.shape[at]}.`, [
        { pointer: `${file}: ${name}`, expected: `${data.shape[at]} values`, found: `${object.shape[0]}` },
      ])
    coordinates[axes[at]].push(object)
  }
  return { data, axes, size, coordinates }
}
