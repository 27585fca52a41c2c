import { VentralError } from '../../domain/errors.ts'
import { quoted } from '../source-file.ts'
import { damaged, elementTypes, readElements } from './elements.ts'
import type { Element, ElementReader } from './elements.ts'
import { countNumbers, readNumbers } from './numbers.ts'
import type { MatChar, MatValue, MatVariable } from './values.ts'

const MAX_DEPTH = 32
const MAX_AXES = 32
const MAX_NAME = 1000

const classes: Record<number, string> = {
  1: 'cell', 2: 'struct', 3: 'object', 4: 'char', 5: 'sparse', 6: 'double', 7: 'single', 8: 'int8', 9: 'uint8', 10: 'int16', 11: 'uint16',
  12: 'int32', 13: 'uint32', 14: 'int64', 15: 'uint64', 16: 'function', 17: 'opaque object',
} // prettier-ignore
const unreadClasses = new Set(['object', 'sparse', 'function', 'opaque object'])
const COMPLEX = 0x0800
const LOGICAL = 0x0200

const emptyMatrix: MatValue = { kind: 'numeric', dims: [0, 0], className: 'double', data: () => new Float64Array(0) }

const ofType = (element: Element, type: number, where: string, expected: string): Element => {
  if (element.type !== type) throw damaged(where, `an element of type ${element.type}`, expected)
  return element
}

const readDims = (reader: ElementReader): number[] => {
  const { where, littleEndian } = reader
  const dims = Array.from(readNumbers(ofType(reader.next('dimensions'), elementTypes.int32, where, 'dimensions'), littleEndian, where))
  if (dims.length < 2 || dims.length > MAX_AXES || dims.some((side) => side < 0)) throw damaged(where, `dimensions ${dims.slice(0, 8).join(' x ')}`, `2 to ${MAX_AXES} sides`)
  if (!Number.isSafeInteger(dims.reduce((product, side) => product * side, 1))) throw damaged(where, `dimensions ${dims.slice(0, 8).join(' x ')}`, 'an array that a file can hold')
  return dims
}

const readName = (reader: ElementReader): string => {
  const { data } = ofType(reader.next('a name'), elementTypes.int8, reader.where, 'a name')
  if (data.length > MAX_NAME) throw damaged(reader.where, `a name of ${data.length} bytes`, `at most ${MAX_NAME}`)
  return data.toString('latin1').replace(/\0.*$/s, '')
}

const readText = (element: Element, dims: number[], { where, littleEndian }: ElementReader): MatChar => {
  const { type, data } = element
  const units = type === elementTypes.utf8 ? Array.from(data.toString('utf8')) : type === elementTypes.utf16 || type === elementTypes.uint16 ? fromUtf16(data, littleEndian, where) : fromCodes(element, littleEndian, where)
  const [rows, ...others] = dims
  const columns = others.reduce((product, side) => product * side, 1)
  // A single row may state its length in another unit than the one it is stored in.
  if (rows === 1) return { kind: 'char', dims, rows: [units.join('')] }
  if (units.length !== rows * columns) throw damaged(where, `${units.length} characters`, `${rows} x ${columns} characters`)
  return { kind: 'char', dims, rows: Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => units[j * rows + i]).join('')) }
}

const fromUtf16 = (data: Buffer, littleEndian: boolean, where: string): string[] => {
  if (data.length % 2 !== 0) throw damaged(where, `${data.length} bytes`, 'text in units of 2 bytes')
  return Array.from({ length: data.length / 2 }, (_, i) => String.fromCharCode(littleEndian ? data.readUInt16LE(2 * i) : data.readUInt16BE(2 * i)))
}

const fromCodes = (element: Element, littleEndian: boolean, where: string): string[] => {
  const asNumbers = element.type === elementTypes.utf32 ? { ...element, type: elementTypes.uint32 } : element
  return Array.from(readNumbers(asNumbers, littleEndian, where), (code) => {
    if (!Number.isInteger(code) || code < 0 || code > 0x10ffff) throw damaged(where, `the character ${code}`, 'text')
    return String.fromCodePoint(code)
  })
}

/** The values of a cell or struct array, `perElement` for each; every one takes 8 bytes at least, so that a false size allocates nothing. */
const readChildren = (reader: ElementReader, count: number, depth: number, nameOf: (i: number) => string): MatValue[] => {
  if (count * 8 > reader.left()) throw damaged(reader.where, `${reader.left()} bytes`, `${count} values`)
  return Array.from({ length: count }, (_, i) => {
    const where = `${reader.where}${nameOf(i)}`
    return readMatrix(ofType(reader.next(nameOf(i)), elementTypes.matrix, where, 'an array').data, reader.littleEndian, where, depth + 1).value
  })
}

const readFields = (reader: ElementReader): string[] => {
  const { where, littleEndian } = reader
  const [length] = readNumbers(ofType(reader.next('the length of field names'), elementTypes.int32, where, 'the length of field names'), littleEndian, where)
  const { data } = ofType(reader.next('field names'), elementTypes.int8, where, 'field names')
  if (!(length >= 1 && length <= MAX_NAME) || data.length % length !== 0) throw damaged(where, `${data.length} bytes`, `field names of ${length} bytes`)
  return Array.from({ length: data.length / length }, (_, i) => data.toString('latin1', i * length, (i + 1) * length).replace(/\0.*$/s, ''))
}

/**
 * An array element: flags, dimensions, name, then what its class says. Nothing is run: functions and objects are told as such and left
 * unread. Throws `damaged-file`.
 */
export const readMatrix = (bytes: Buffer, littleEndian: boolean, where: string, depth = 0): MatVariable => {
  if (bytes.length === 0) return { name: '', value: emptyMatrix }
  if (depth > MAX_DEPTH) throw new VentralError('damaged-file', `${where} is nested over ${MAX_DEPTH} deep.`, [{ pointer: where, expected: `at most ${MAX_DEPTH} levels`, found: 'more' }])
  const outer = readElements(bytes, littleEndian, where)
  const flags = readNumbers(ofType(outer.next('array flags'), elementTypes.uint32, where, 'array flags'), littleEndian, where)[0] ?? 0
  const className = classes[flags & 0xff]
  if (className === undefined) throw damaged(where, `an array of class ${flags & 0xff}`, 'a class of 1 to 17')
  // An opaque object has no dimensions.
  const dims = className === 'opaque object' ? [1, 1] : readDims(outer)
  const name = readName(outer)
  const inside: ElementReader = depth === 0 ? { ...outer, where: `${where}: ${quoted(name)}` } : outer
  const count = dims.reduce((product, side) => product * side, 1)
  const value = (): MatValue => {
    if (unreadClasses.has(className)) return { kind: 'unread', dims, what: className }
    if (className === 'cell') return { kind: 'cell', dims, cells: readChildren(inside, count, depth, (i) => `{${i + 1}}`) }
    if (className === 'struct') {
      const fields = readFields(inside)
      const values = fields.length === 0 ? [] : readChildren(inside, count * fields.length, depth, (i) => `(${Math.floor(i / fields.length) + 1}).${fields[i % fields.length]}`)
      return { kind: 'struct', dims, fields, values }
    }
    const element = inside.next('values')
    if (className === 'char') return readText(element, dims, inside)
    if ((flags & COMPLEX) !== 0) return { kind: 'unread', dims, what: `complex ${className}` }
    const found = countNumbers(element, inside.where)
    if (found !== count) throw damaged(inside.where, `${found} values`, `${dims.join(' x ')} values`)
    return { kind: 'numeric', dims, className: (flags & LOGICAL) !== 0 ? 'logical' : className, data: () => readNumbers(element, littleEndian, inside.where) }
  }
  return { name, value: value() }
}
