import type { Axis } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import { axesOfArray } from './axes.ts'
import type { Hdf5File } from './hdf5/client.ts'
import { copyRows } from './hdf5/copy-rows.ts'
import type { ListedObject } from './hdf5/protocol.ts'
import { variableNotFound } from './mat-variable.ts'
import { nothingImplied } from './responses.ts'
import type { OpenResponses } from './responses.ts'
import { openValueFile } from './value-file.ts'

/** Whether an HDF5 file was written by MATLAB: its arrays carry their class. */
export const isMat73 = (h5: Hdf5File): boolean => h5.groups.includes('#refs#') || [...h5.objects.values()].some(({ attributes }) => attributes.MATLAB_class !== undefined)

const isArray = ({ type, shape, attributes }: ListedObject): boolean =>
  (type === 'float' || type === 'integer') && attributes.MATLAB_class !== 'char' && attributes.MATLAB_empty === undefined && shape.filter((side) => side > 1).length >= 2

/** A struct is a group: session.rates lies at session/rates. */
const toPath = (variable: string): string => variable.replaceAll('.', '/')
const toVariable = ({ name }: ListedObject): string => name.replaceAll('/', '.')

/** The arrays of the root, or where it holds none, those in its structs. */
const listArrays = async (h5: Hdf5File): Promise<ListedObject[]> => {
  const own = [...h5.objects.values()].filter(isArray)
  if (own.length > 0) return own
  const structs = h5.groups.filter((name) => !name.startsWith('#'))
  const inside: ListedObject[] = []
  for (const name of structs) inside.push(...(await h5.list(name)).objects.filter(isArray))
  return inside
}

const findArray = async (h5: Hdf5File, variable: string | null): Promise<ListedObject> => {
  const file = h5.file.name
  if (variable === null) {
    const arrays = await listArrays(h5)
    if (arrays.length === 1) return arrays[0]
    throw variableNotFound(file, null, arrays.map(toVariable))
  }
  const path = toPath(variable)
  const group = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const { objects } = await h5.list(h5.groups.includes(group.split('/')[0]) ? group : '')
  const found = objects.find(({ name }) => name === path)
  if (found === undefined) throw variableNotFound(file, variable, objects.filter(isArray).map(toVariable))
  return found
}

/**
 * Opens responses in a MAT-file of version 7.3, which is HDF5 with the axes in reverse. `axes` are as MATLAB counts them. The values are
 * copied to `workFolder` slab by slab. Errors: missing-field, unknown-axes, does-not-fit, those of the HDF5 reader. Closing closes the file.
 */
export const openMat73Responses = async (
  h5: Hdf5File,
  { variable, axes: stated, workFolder, signal }: { variable: string | null; axes: readonly Axis[] | null; workFolder: string; signal?: AbortSignal },
): Promise<OpenResponses> => {
  const object = await findArray(h5, variable)
  const where = `${h5.file.name}: ${toVariable(object)}`
  if (!isArray(object))
    throw new VentralError('unsupported-dtype', `${where} is no array of numbers with several axes.`, [{ pointer: where, expected: 'real numbers', found: `${object.attributes.MATLAB_class ?? object.type} (${object.shape.toReversed().join(', ')})` }])
  const { axes, assumed } = axesOfArray(where, object.shape.toReversed(), stated)
  const inFile = axes.toReversed()
  const order = [inFile.indexOf('stimulus'), ...inFile.keys().filter((axis) => inFile[axis] !== 'stimulus')]
  const values = await openValueFile(workFolder)
  try {
    await copyRows(h5, object, values, { order, signal })
  } catch (error) {
    await values.close()
    throw error
  }
  return {
    ...nothingImplied,
    reader: 'mat73',
    file: where,
    axes,
    array: { file: where, axes: order.map((axis) => inFile[axis]), shape: order.map((axis) => object.shape[axis]), itemBytes: 8, read: values.read },
    stimulusNames: null,
    siteIds: null,
    dtype: object.type === 'float' ? (object.size <= 4 ? 'f4' : 'f8') : object.size <= 2 ? 'f4' : 'f8',
    axesAssumed: assumed,
    warnings: [],
    close: async () => {
      await values.close()
      await h5.close()
    },
  }
}
