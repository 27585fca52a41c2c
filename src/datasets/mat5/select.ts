import { VentralError } from '../../domain/errors.ts'
import { quoted, some } from '../source-file.ts'
import type { MatValue, MatVariable } from './values.ts'
import { describeMat } from './values.ts'

const PATH = /^([A-Za-z]\w*)((?:\.[A-Za-z]\w*|\(\d{1,9}(?:,\d{1,9})*\)|\{\d{1,9}(?:,\d{1,9})*\})*)$/
const STEP = /\.[A-Za-z]\w*|\([\d,]+\)|\{[\d,]+\}/g

const noSuch = (where: string, path: string, what: string): VentralError =>
  new VentralError('missing-field', `${where}: there is no ${quoted(path)}: ${what}.`, [{ pointer: where, expected: 'a variable of the file, as MATLAB writes it, such as RDMs(1,2).RDM', found: path.slice(0, 80) }])

/** The place of element (i, j, …), counted from 1, among the elements of an array; or of element (k) of all. Null where there is none. */
const placeOf = (dims: readonly number[], index: readonly number[]): number | null => {
  const count = dims.reduce((product, side) => product * side, 1)
  if (index.length === 1) return index[0] >= 1 && index[0] <= count ? index[0] - 1 : null
  const sides = [...dims, ...Array<number>(Math.max(0, index.length - dims.length)).fill(1)]
  if (index.length !== sides.length || index.some((i, k) => i < 1 || i > sides[k])) return null
  return index.reduceRight((place, i, k) => place * sides[k] + i - 1, 0)
}

const step = (value: MatValue, text: string, where: string, path: string): MatValue => {
  const fail = (what: string): VentralError => noSuch(where, path, what)
  if (text.startsWith('.')) {
    if (value.kind !== 'struct') throw fail(`${text} asks a ${value.kind} for a field`)
    const field = value.fields.indexOf(text.slice(1))
    if (field < 0) throw fail(`the fields are ${some(value.fields, 10)}`)
    if (value.values.length !== value.fields.length) throw fail(`say which of ${value.dims.join(' x ')} structs, such as (1)${text}`)
    return value.values[field]
  }
  const place = placeOf(value.dims, text.slice(1, -1).split(',').map(Number))
  if (place === null) throw fail(`${text} lies outside ${describeMat(value)}`)
  if (text.startsWith('{')) {
    if (value.kind !== 'cell') throw fail(`${text} asks a ${value.kind} for a cell`)
    return value.cells[place]
  }
  if (value.kind !== 'struct') throw fail(`${text} asks a ${value.kind} for one of several structs`)
  return { kind: 'struct', dims: [1, 1], fields: value.fields, values: value.values.slice(place * value.fields.length, (place + 1) * value.fields.length) }
}

/** The value that a path such as `RDMs(1,2).RDM` or `labels{3}` names, with MATLAB's indices from 1. Throws `missing-field`. */
export const selectMat = (variables: readonly MatVariable[], path: string, where: string): MatValue => {
  const match = PATH.exec(path)
  if (match === null) throw noSuch(where, path, 'it is not written as MATLAB writes a variable')
  const variable = variables.find(({ name }) => name === match[1])
  if (variable === undefined) throw noSuch(where, path, `the variables are ${some(variables.map(({ name }) => name), 10)}`)
  return (match[2].match(STEP) ?? []).reduce((value, text) => step(value, text, where, path), variable.value)
}

/** Index of an element as MATLAB writes it: (k) of a vector, (i,j,…) else; nothing of a single one. */
const indexOf = (dims: readonly number[], place: number, [open, close]: string): string => {
  if (dims.every((side) => side === 1) && open === '(') return ''
  if (dims.filter((side) => side > 1).length <= 1) return `${open}${place + 1}${close}`
  let rest = place
  const index = dims.map((side) => {
    const i = rest % side
    rest = (rest - i) / side
    return i + 1
  })
  return `${open}${index.join(',')}${close}`
}

/** Every array of numbers in the variables, with the path that selects it. */
export function* numericArrays(variables: Iterable<MatVariable>): Generator<{ path: string; value: Extract<MatValue, { kind: 'numeric' }> }> {
  for (const { name, value } of variables) yield* within(name, value)
}

function* within(path: string, value: MatValue): ReturnType<typeof numericArrays> {
  if (value.kind === 'numeric') yield { path, value }
  if (value.kind === 'cell') for (const [i, cell] of value.cells.entries()) yield* within(`${path}${indexOf(value.dims, i, '{}')}`, cell)
  if (value.kind === 'struct')
    for (const [i, inner] of value.values.entries()) {
      const { fields, dims } = value
      yield* within(`${path}${indexOf(dims, Math.floor(i / fields.length), '()')}.${fields[i % fields.length]}`, inner)
    }
}
