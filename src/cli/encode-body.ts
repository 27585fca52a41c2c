import { randomUUID } from 'node:crypto'

export interface EncodedBody {
  contentType: string
  chunks: AsyncIterable<Uint8Array>
}

const quoted = (name: string): string => `"${name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}"`

async function* formChunks(form: FormData, boundary: string): AsyncGenerator<Uint8Array> {
  for (const [name, value] of form) {
    const file = typeof value === 'string' ? '' : `; filename=${quoted(value.name)}\r\ncontent-type: application/octet-stream`
    yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}${file}\r\n\r\n`)
    if (typeof value === 'string') yield Buffer.from(value)
    else yield* value.stream()
    yield Buffer.from('\r\n')
  }
  yield Buffer.from(`--${boundary}--\r\n`)
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** A form, a file, a stream of bytes or JSON text as chunks, read while they are sent. (The runtime's own encoding of forms throws outside of any promise when the receiver stops early.) */
export const encodeBody = (body: FormData | Blob | string | AsyncIterable<Uint8Array>): EncodedBody => {
  if (typeof body === 'string') return { contentType: 'application/json', chunks: one(Buffer.from(body)) }
  if (body instanceof Blob) return { contentType: 'application/octet-stream', chunks: body.stream() }
  if (!(body instanceof FormData)) return { contentType: 'application/octet-stream', chunks: body }
  const boundary = `ventral-${randomUUID()}`
  return { contentType: `multipart/form-data; boundary=${boundary}`, chunks: formChunks(body, boundary) }
}
