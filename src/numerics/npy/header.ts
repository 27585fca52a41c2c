import { VentralError } from '../../domain/errors.ts'
import { parseDescr } from './descr.ts'
import type { NpyType } from './descr.ts'

/** What an .npy file says of its array. */
export interface NpyHeader extends NpyType {
  shape: number[]
  /** first axis fastest */
  fortranOrder: boolean
  /** elements in all */
  count: number
  /** where they start in the file */
  dataOffset: number
}

export const MAGIC = Buffer.from('\x93NUMPY', 'latin1')
/** NumPy writes at most some hundred bytes for plain arrays; a longer header is not one of them. */
const MAX_HEADER = 65_536
/** Bytes that hold any header that is read. */
export const HEADER_BYTES = MAX_HEADER + 12
/** NumPy's own limit on axes. */
const MAX_AXES = 64

export const damaged = (where: string, found: string, expected: string): VentralError =>
  new VentralError('damaged-file', `${where} is not a whole .npy file: ${found} where ${expected} belongs. Save it again with numpy.save, or copy it again if the copy may be cut off.`, [
    { pointer: where, expected, found },
  ])

/**
 * Reads the header from a file's first bytes (HEADER_BYTES suffice); `where` names the file in messages.
 * VentralError damaged-file, unsupported-dtype. Whether the data follow is not looked at.
 */
export const readNpyHeader = (bytes: Uint8Array, where: string): NpyHeader => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 10 || !view.subarray(0, 6).equals(MAGIC)) throw damaged(where, `${Math.min(view.length, 10)} bytes without the mark`, 'the mark \\x93NUMPY')
  const version = view[6]
  if (version < 1 || version > 3) throw damaged(where, `format version ${version}`, 'format version 1, 2 or 3')
  const start = version === 1 ? 10 : 12
  if (view.length < start) throw damaged(where, `${view.length} bytes`, 'a header')
  const length = version === 1 ? view.readUInt16LE(8) : view.readUInt32LE(8)
  if (length > MAX_HEADER) throw damaged(where, `a header of ${length} bytes`, `a header of at most ${MAX_HEADER}`)
  if (view.length < start + length) throw damaged(where, `the first ${view.length - start} bytes of a header of ${length}`, 'the whole header')
  const { descr, fortranOrder, shape } = parseDictionary(view.toString('latin1', start, start + length), where)
  const type = parseDescr(descr, where)
  return { ...type, shape, fortranOrder, count: countOf(shape, type.itemSize, where), dataOffset: start + length }
}

const countOf = (shape: readonly number[], itemSize: number, where: string): number => {
  if (shape.length > MAX_AXES) throw damaged(where, `${shape.length} axes`, `at most ${MAX_AXES} axes`)
  const count = shape.reduce((product, extent) => product * extent, 1)
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(count * itemSize)) throw damaged(where, `shape (${shape.join(', ')})`, 'a shape that a file can hold')
  return count
}

const TOKEN = /\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|(\d{1,20})L?|(True|False)|([{}()[\],:]))/y

type Token = { text: string } | { number: number } | { flag: boolean } | { mark: string }

const tokenise = (text: string, where: string): Token[] => {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw damaged(where, JSON.stringify(text.slice(at, at + 20).trimStart()), 'the literals of an .npy header')
    const [, single, double, digits, flag, mark] = match
    tokens.push(digits !== undefined ? { number: Number(digits) } : flag ? { flag: flag === 'True' } : mark ? { mark } : { text: single ?? double })
  }
  return tokens
}

/** The three entries of the header's Python dictionary, read without evaluating anything. */
const parseDictionary = (text: string, where: string): { descr: string; fortranOrder: boolean; shape: number[] } => {
  const tokens = tokenise(text, where)
  let at = 0
  const isMark = (mark: string): boolean => {
    const token = tokens[at]
    return token !== undefined && 'mark' in token && token.mark === mark
  }
  const expectMark = (mark: string): void => {
    if (!isMark(mark)) throw damaged(where, describe(tokens[at]), `"${mark}" in the header`)
    at++
  }
  let descr: string | undefined
  let fortranOrder: boolean | undefined
  let shape: number[] | undefined
  expectMark('{')
  while (!isMark('}')) {
    const key = tokens[at++]
    expectMark(':')
    const value = tokens[at]
    const name = key !== undefined && 'text' in key ? key.text : undefined
    if (name === 'descr' && descr === undefined) {
      // A list is a structured dtype: told as such, without reading what it lists.
      descr = value !== undefined && 'text' in value ? value.text : 'a structured dtype'
      if (descr === 'a structured dtype') parseDescr(descr, where)
      at++
    } else if (name === 'fortran_order' && fortranOrder === undefined && value !== undefined && 'flag' in value) {
      fortranOrder = value.flag
      at++
    } else if (name === 'shape' && shape === undefined) {
      shape = []
      for (expectMark('('); !isMark(')'); ) {
        const extent = tokens[at++]
        if (extent === undefined || !('number' in extent)) throw damaged(where, describe(extent), 'an extent in the shape')
        shape.push(extent.number)
        if (!isMark(')')) expectMark(',')
      }
      at++
    } else throw damaged(where, describe(key), 'descr, fortran_order and shape, each once, in the header')
    if (!isMark('}')) expectMark(',')
  }
  if (descr === undefined || fortranOrder === undefined || shape === undefined || at !== tokens.length - 1)
    throw damaged(where, JSON.stringify(text.trim().slice(0, 80)), 'descr, fortran_order and shape, each once, in the header')
  return { descr, fortranOrder, shape }
}

const describe = (token: Token | undefined): string => (token === undefined ? 'the end of the header' : JSON.stringify(Object.values(token)[0]))
