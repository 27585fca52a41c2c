import type { ByteSource } from './byte-source.ts'
import { damaged, unsafe } from './checkpoint-errors.ts'

/** Reads forward through part of a source, a window at a time. */
export interface ByteCursor {
  /** the next bytes; valid until the next call */
  take(length: number): Buffer
  /** up to and without the next newline */
  line(): string
  position(): number
}

const WINDOW = 1 << 16
/** Longest text of a pickle's line-ended opcodes: module and attribute names. */
const LINE = 1024
/** Longest stretch that is read by a cursor. A state_dict of 10,000 tensors takes about 2 MB of pickle. */
export const MAX_PICKLE = 64e6

/** A cursor over bytes [start, end) of the source; what lies past `end` is damaged-file, a stretch over MAX_PICKLE unsafe-checkpoint. */
export const createCursor = (source: ByteSource, start: number, end: number, what: string): ByteCursor => {
  let at = start
  let window: Buffer = Buffer.alloc(0)
  let windowStart = start

  const take = (length: number): Buffer => {
    if (at + length > end) throw damaged(source.name, `${what} ends at byte ${end} in the middle of a value`)
    if (at + length - start > MAX_PICKLE) throw unsafe(source.name, `${what} describes its tensors in over ${MAX_PICKLE / 1e6} MB`)
    if (at < windowStart || at + length > windowStart + window.length) {
      windowStart = at
      window = source.read(at, Math.min(Math.max(length, WINDOW), end - at))
    }
    const piece = window.subarray(at - windowStart, at - windowStart + length)
    at += length
    return piece
  }

  const line = (): string => {
    const bytes: number[] = []
    for (;;) {
      const byte = take(1)[0]
      if (byte === 10) return Buffer.from(bytes).toString('utf8')
      if (bytes.push(byte) > LINE) throw damaged(source.name, `${what} holds a name of over ${LINE} bytes`)
    }
  }

  return { take, line, position: () => at }
}
