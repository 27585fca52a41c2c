import { maxSlabBytes } from './client.ts'
import type { Hdf5File } from './client.ts'
import type { ListedObject } from './protocol.ts'
import { maxStringBytes } from './protocol.ts'

/** Values per request: of numbers as the answer's size allows, of texts such that their answer stays small. */
const textsAtOnce = 10_000
const numbersAtOnce = Math.floor(maxSlabBytes / 8)

/** Elements [from, to) of a one-dimensional dataset of numbers. Errors: unsupported-dtype, damaged-file. */
export const readNumberColumn = async (h5: Hdf5File, { name }: ListedObject, from: number, to: number): Promise<Float64Array> => {
  const values = new Float64Array(to - from)
  for (let at = from; at < to; at += numbersAtOnce) values.set(Float64Array.from(await h5.numbers(name, at, Math.min(to, at + numbersAtOnce)), Number), at - from)
  return values
}

/** A one-dimensional dataset of texts or numbers as texts (NFC); null where its values are of another kind, or longer than names are. */
export const readTextColumn = async (h5: Hdf5File, { name, type, shape }: ListedObject): Promise<string[] | null> => {
  if (type === 'other') return null
  const texts: string[] = []
  for (let at = 0; at < shape[0]; at += textsAtOnce) {
    const end = Math.min(shape[0], at + textsAtOnce)
    const part = type === 'string' ? await h5.strings(name, at, end) : Array.from(await h5.numbers(name, at, end), String)
    // the reader cuts texts off there
    if (part.some((text) => Buffer.byteLength(text) >= maxStringBytes)) return null
    for (const text of part) texts.push(text.normalize('NFC'))
  }
  return texts
}
