import { VentralError } from '../../domain/errors.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import { readNumberColumn } from '../hdf5/columns.ts'
import type { ListedObject } from '../hdf5/protocol.ts'
import { quoted, some } from '../source-file.ts'

/** A DynamicTable of NWB: a group whose datasets are columns. */
export interface NwbTable {
  path: string
  /** by name, without the table's path */
  columns: ReadonlyMap<string, ListedObject>
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Lists the table at a path of groups. Errors: missing-field, which tells what is there instead. */
export const findTable = async (h5: Hdf5File, path: string, pointer: string): Promise<NwbTable> => {
  const parts = path.split('/')
  for (let i = 0; i < parts.length; i++) {
    const groups = i === 0 ? h5.groups : (await h5.list(parts.slice(0, i).join('/'))).groups
    if (groups.includes(parts.slice(0, i + 1).join('/'))) continue
    const there = some(groups.map(baseName), 12) || 'nothing'
    throw new VentralError('missing-field', `${h5.file.name} holds no table ${quoted(path)}: ${i === 0 ? 'it' : parts.slice(0, i).join('/')} holds ${there}.`, [{ pointer, expected: there, found: path.slice(0, 200) }])
  }
  const { objects } = await h5.list(path)
  return { path, columns: new Map(objects.map((object) => [baseName(object.name), object])) }
}

/** Columns with one value per row, of `rows`; those of several per row have an index beside them. */
export const plainColumns = ({ columns }: NwbTable, rows: number): [string, ListedObject][] =>
  [...columns].filter(([name, { shape }]) => shape.length === 1 && shape[0] === rows && !name.endsWith('_index') && !columns.has(`${name}_index`))

const damaged = (file: string, where: string, found: string, expected: string): VentralError =>
  new VentralError('damaged-file', `${file}: ${where} is ${found}; expected ${expected}.`, [{ pointer: `${file}: ${where}`, expected, found }])

/** A column of numbers that must be there, with its length. Errors: missing-field, damaged-file. */
export const numberColumn = async (h5: Hdf5File, table: NwbTable, name: string, pointer = `${h5.file.name}: ${table.path}/${name}`): Promise<Float64Array> => {
  const object = table.columns.get(name)
  if (object === undefined)
    throw new VentralError('missing-field', `${h5.file.name}: ${table.path} has no column ${quoted(name)}. It has ${some([...table.columns.keys()], 12) || 'none'}.`, [
      { pointer, expected: some([...table.columns.keys()], 12), found: name.slice(0, 200) },
    ])
  if (object.shape.length !== 1 || (object.type !== 'float' && object.type !== 'integer'))
    throw damaged(h5.file.name, `${table.path}/${name}`, `${object.type} (${object.shape.join(', ')})`, 'a list of numbers')
  return object.shape[0] === 0 ? new Float64Array(0) : readNumberColumn(h5, object, 0, object.shape[0])
}

/** Where the values of each row of a ragged column end, as its index says; without one, a single row has them all. */
export const rowEnds = async (h5: Hdf5File, table: NwbTable, name: string): Promise<Float64Array> => {
  const { shape } = table.columns.get(name)!
  if (!table.columns.has(`${name}_index`)) return Float64Array.of(shape[0])
  const ends = await numberColumn(h5, table, `${name}_index`)
  const wrong = ends.findIndex((end, i) => !Number.isSafeInteger(end) || end < (i === 0 ? 0 : ends[i - 1]) || end > shape[0])
  if (wrong >= 0) throw damaged(h5.file.name, `${table.path}/${name}_index, row ${wrong}`, String(ends[wrong]), `ends that ascend to at most ${shape[0]}`)
  return ends
}
