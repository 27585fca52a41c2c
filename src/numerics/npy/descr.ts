import { VentralError } from '../../domain/errors.ts'

/** Element types: floats, signed and unsigned integers, text as UTF-32 (U) or bytes (S). */
export type NpyKind = 'f' | 'i' | 'u' | 'U' | 'S'

export interface NpyType {
  /** NumPy's name of the type, such as <f4 */
  descr: string
  kind: NpyKind
  /** bytes per element */
  itemSize: number
  littleEndian: boolean
}

const numeric = new Set(['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8'])
/** Bytes of one text element; longer ones are no identifiers. */
const MAX_TEXT = 65_536

export const unsupported = (descr: string, where: string, expected = 'f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8'): VentralError =>
  new VentralError('unsupported-dtype', `${where} holds ${JSON.stringify(descr)}, an element type that is not read${adviceFor(descr)}`, [{ pointer: where, expected, found: descr }])

const adviceFor = (descr: string): string =>
  /^[|<>=]?O/.test(descr)
    ? ' (objects are stored as a program that loading would run). Save plain numbers, padded with NaN where rows differ in length: array.astype("float32").'
    : '. Save numbers as numpy.save(path, array.astype("float32")).'

/** The element type that a header's `descr` names. VentralError unsupported-dtype. */
export const parseDescr = (descr: string, where: string): NpyType => {
  const match = /^([<>|=]?)([fiuUS])(\d{1,6})$/.exec(descr)
  if (!match) throw unsupported(descr, where)
  const [, order, kind, digits] = match
  const size = Number(digits)
  const littleEndian = order !== '>'
  if (kind === 'U' || kind === 'S') {
    const itemSize = kind === 'U' ? 4 * size : size
    if (itemSize === 0 || itemSize > MAX_TEXT) throw unsupported(descr, where)
    return { descr, kind, itemSize, littleEndian }
  }
  // '|' says that byte order does not matter, which is true of single bytes only.
  if (!numeric.has(kind + size) || ((order === '|' || order === '') && size > 1)) throw unsupported(descr, where)
  return { descr, kind: kind as NpyKind, itemSize: size, littleEndian }
}
