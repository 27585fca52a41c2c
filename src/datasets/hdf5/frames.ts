/**
 * The messages between the service and the child process that reads one HDF5 file: a frame is the payload's length (u32, little endian),
 * its kind (u8) and the payload. The child's side is not trusted: the reader states the most it will accept before it reads.
 */
export const frameKinds = { json: 0, error: 1, bytes: 2 } as const
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds]

export interface Frame {
  kind: FrameKind
  payload: Buffer
}

const headerBytes = 5

export const encodeFrame = (kind: FrameKind, payload: Uint8Array): Buffer[] => {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt8(kind, 4)
  return [header, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)]
}

export const encodeJson = (value: unknown, kind: FrameKind = frameKinds.json): Buffer[] => encodeFrame(kind, Buffer.from(JSON.stringify(value)))

/** Thrown when the other side breaks the protocol or ends within a frame. */
export class FrameError extends Error {}

const isKind = (value: number): value is FrameKind => value === frameKinds.json || value === frameKinds.error || value === frameKinds.bytes

/** Reads frames one by one from a byte stream; null at its end. `maxBytes` bounds the next payload. */
export const frameReader = (input: AsyncIterable<Buffer>): ((maxBytes: number) => Promise<Frame | null>) => {
  const iterator = input[Symbol.asyncIterator]()
  let pending: Buffer[] = []
  let available = 0

  /** Exactly `count` bytes; null when the stream ended before the first of them. */
  const take = async (count: number): Promise<Buffer | null> => {
    while (available < count) {
      const next = await iterator.next()
      if (next.done === true) {
        if (available === 0) return null
        throw new FrameError('the stream ended within a frame')
      }
      pending.push(next.value)
      available += next.value.length
    }
    const all = pending.length === 1 ? pending[0] : Buffer.concat(pending, available)
    pending = count < available ? [all.subarray(count)] : []
    available -= count
    return all.subarray(0, count)
  }

  return async (maxBytes) => {
    const header = await take(headerBytes)
    if (header === null) return null
    const length = header.readUInt32LE(0)
    const kind = header.readUInt8(4)
    if (!isKind(kind)) throw new FrameError(`a frame of the unknown kind ${kind}`)
    if (length > maxBytes) throw new FrameError(`a frame of ${length} bytes where at most ${maxBytes} were expected`)
    if (length === 0) return { kind, payload: Buffer.alloc(0) }
    const payload = await take(length)
    if (payload === null) throw new FrameError('the stream ended within a frame')
    return { kind, payload }
  }
}
