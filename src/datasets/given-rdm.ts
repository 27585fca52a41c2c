import fs from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { decodeNpy, decodeNpyText, readNpyHeader } from '../numerics/npy.ts'
import { decodeNpz } from '../numerics/npz.ts'
import { readRecords } from './csv.ts'
import { readMat5 } from './mat5/mat5.ts'
import { numericArrays, selectMat } from './mat5/select.ts'
import { describeMat } from './mat5/values.ts'
import { quoted, some } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { checkedTriangle, looksLikeRdm } from './rdm-triangle.ts'
import type { NumberArray } from './rdm-triangle.ts'

/** An RDM out of a file. */
export interface GivenRdm {
  n: number
  /** upper triangle: of pairs i < j, row by row; NaN where a pair has no value */
  values: Float64Array
  /** names of its rows, where the file has them */
  labels: string[] | null
  /** which of the file's arrays it is, where there may be several */
  variable: string | null
}

const MAX_BYTES = 512e6

interface Found extends NumberArray {
  labels: string[] | null
  variable: string | null
}

const notFound = (where: string, variable: string | null, names: readonly string[]): VentralError =>
  new VentralError(
    'missing-field',
    variable === null
      ? `${where} holds ${names.length === 0 ? 'no array that can be an RDM' : `several arrays that can be one (${some(names, 8)})`}. Say which with "variable".`
      : `${where} holds no array ${quoted(variable)}. It holds ${some(names, 8) || 'none'}.`,
    [{ pointer: '/variable', expected: some(names, 8) || 'a square array', found: variable ?? 'nothing' }],
  )

const refuseVariable = (where: string, variable: string | null): void => {
  if (variable !== null) throw new VentralError('unknown-field', `${where} holds one array only: leave "variable" out.`, [{ pointer: '/variable', expected: 'no such field', found: variable }])
}

const fromNpy = (bytes: Uint8Array, where: string, variable: string | null): Found => {
  refuseVariable(where, variable)
  const { shape, data } = decodeNpy(bytes, where)
  return { shape: [...shape], data, labels: null, variable: null }
}

const textOf = (bytes: Uint8Array, where: string): string[] => {
  const { kind } = readNpyHeader(bytes, where)
  return kind === 'U' || kind === 'S' ? decodeNpyText(bytes, where).values : Array.from(decodeNpy(bytes, where).data, String)
}

/** `rdm` as this service writes it, `arr_0` as NumPy names it, or the only array that can be one. */
const fromNpz = async (bytes: Uint8Array, where: string, variable: string | null): Promise<Found> => {
  const files = await decodeNpz(bytes, where, { maxBytes: 2 * MAX_BYTES })
  const isNumeric = (name: string): boolean => !['U', 'S'].includes(readNpyHeader(files.get(name)!, `${where}: ${name}`).kind)
  const arrays = [...files.keys()].filter(isNumeric)
  const named = variable ?? ['rdm', 'arr_0'].find((name) => arrays.includes(name)) ?? null
  const read = (name: string): NumberArray => decodeNpy(files.get(name)!, `${where}: ${name}`)
  const candidates = named === null ? arrays.filter((name) => looksLikeRdm(read(name))) : arrays.filter((name) => name === named)
  if (candidates.length !== 1) throw notFound(where, variable, named === null ? candidates : arrays)
  const labels = ['stimulus_id', 'label', 'labels'].find((name) => files.has(name))
  return { ...read(candidates[0]), labels: labels === undefined ? null : textOf(files.get(labels)!, `${where}: ${labels}`), variable: candidates[0] }
}

/** MATLAB keeps arrays column by column; a symmetric one is the same either way, and what is not symmetric is refused. */
const fromMat = (bytes: Buffer, where: string, variable: string | null): Found => {
  const variables = [...readMat5(bytes, where)]
  if (variable !== null) {
    const value = selectMat(variables, variable, where)
    if (value.kind !== 'numeric') throw new VentralError('invalid-value', `${where}: ${variable} is a ${describeMat(value)}, not an RDM.`, [{ pointer: '/variable', expected: 'an array of numbers', found: describeMat(value) }])
    return { shape: value.dims, data: value.data(), labels: null, variable }
  }
  const candidates = [...numericArrays(variables)].flatMap(({ path: name, value }) => {
    const array = { shape: value.dims, data: value.dims.length === 2 ? value.data() : new Float64Array(0) }
    return looksLikeRdm(array) ? [{ ...array, labels: null, variable: name }] : []
  })
  if (candidates.length !== 1) throw notFound(where, null, candidates.map((candidate) => candidate.variable))
  return candidates[0]
}

const toNumber = (cell: string): number => (cell === '' || /^nan$/i.test(cell) ? NaN : Number(cell))
const isNumber = (cell: string): boolean => cell === '' || /^nan$/i.test(cell) || Number.isFinite(Number(cell))

/** A plain matrix, or one with a header of names and each row's name before it. */
const fromCsv = async (file: SourceFile, variable: string | null): Promise<Found> => {
  refuseVariable(file.name, variable)
  const rows: string[][] = []
  for await (const { cells } of readRecords(file)) rows.push(cells)
  const isLabelled = rows.length > 1 && rows[0].length === rows[1].length && rows.length === rows[0].length && (rows[0][0] === '' || !rows[0].every(isNumber))
  const labels = isLabelled ? rows[0].slice(1).map((name) => name.normalize('NFC')) : null
  const body = isLabelled ? rows.slice(1) : rows
  const cells = isLabelled ? body.map((row) => row.slice(1)) : body
  const wide = cells.findIndex((row) => row.length !== cells.length)
  if (cells.length === 0 || wide >= 0)
    throw new VentralError('count-mismatch', `${file.name} is not square: ${cells.length} rows${wide >= 0 ? `, and ${cells[wide].length} columns in row ${wide + 1}` : ''}.`, [
      { pointer: file.name, expected: 'as many columns as rows', found: `${cells.length} x ${cells[Math.max(0, wide)]?.length ?? 0}` },
    ])
  const other = labels?.find((name, i) => body[i][0].normalize('NFC') !== name)
  if (other !== undefined)
    throw new VentralError('count-mismatch', `${file.name}: the names of rows and columns differ at ${quoted(other)}. They must be the same in the same order.`, [{ pointer: file.name, expected: other, found: body[labels!.indexOf(other)][0] }])
  const wrong = cells.flat().find((cell) => !isNumber(cell))
  if (wrong !== undefined) throw new VentralError('invalid-value', `${file.name} holds ${quoted(wrong)}, which is no number.`, [{ pointer: file.name, expected: 'numbers', found: wrong.slice(0, 80) }])
  return { shape: [cells.length, cells.length], data: Float64Array.from(cells.flat(), toNumber), labels, variable: null }
}

const readArray = async (file: SourceFile, variable: string | null): Promise<Found> => {
  const ending = path.extname(file.name).toLowerCase()
  if (ending === '.csv') return fromCsv(file, variable)
  const bytes = await fs.readFile(file.path)
  if (ending === '.npy') return fromNpy(bytes, file.name, variable)
  if (ending === '.npz') return fromNpz(bytes, file.name, variable)
  if (ending === '.mat') return fromMat(bytes, file.name, variable)
  throw new VentralError('unsupported-format', `${file.name} is not of a format that RDMs are read from. Send .npy, .npz, .csv or .mat (MATLAB 5 to 7).`, [
    { pointer: '/file', expected: '.npy, .npz, .csv or .mat', found: ending || file.name },
  ])
}

/**
 * An RDM from a file: a square array, or its upper triangle as SciPy's and MATLAB's pdist give it. `variable` names one of several
 * arrays, in a MAT-file as MATLAB writes it. Errors: those of the format, `missing-field`, `count-mismatch`, `invalid-value`, `duplicate-id`.
 */
export const readGivenRdm = async (file: SourceFile, variable: string | null = null): Promise<GivenRdm> => {
  const { size } = await fs.stat(file.path)
  if (size > MAX_BYTES) throw new VentralError('body-too-large', `${file.name} has ${size} bytes; an RDM may have ${MAX_BYTES}.`)
  const found = await readArray(file, variable)
  return { ...checkedTriangle(found, file.name), labels: found.labels, variable: found.variable }
}
