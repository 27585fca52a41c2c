import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { PassThrough, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyRequest } from 'fastify'
import { VentralError } from '../domain/errors.ts'

export interface ReceivedFile {
  path: string
  sha256: string
}

export interface Upload {
  fields: Record<string, string>
  files: Record<string, ReceivedFile>
}

const MAX_FIELD_BYTES = 100_000

/** Runs `work` with a folder of its own, which is gone afterwards whatever happens. */
export const withUploadFolder = async <T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> => {
  await fs.mkdir(parent, { recursive: true })
  const folder = await fs.mkdtemp(path.join(parent, 'upload-'))
  try {
    return await work(folder)
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
}

/** Streams bytes to a new file, synced to disk, and tells their sha256. */
const receiveFile = async (source: Readable, file: string): Promise<ReceivedFile> => {
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(source, hashing, createWriteStream(file, { flags: 'wx', flush: true }))
  return { path: file, sha256: hash.digest('hex') }
}

/** Streams a whole body to a new file. */
export const receiveBody = async (request: FastifyRequest, file: string): Promise<ReceivedFile> => {
  // Not the request itself: a pipeline that fails destroys its source, and what the client still sends would stay unread for ever.
  const body = new PassThrough()
  request.raw.once('close', () => {
    if (!request.raw.complete) body.destroy(new VentralError('invalid-request', 'The body ended before its last byte.'))
  })
  return receiveFile(request.raw.pipe(body), file)
}

/** The user's file name, for messages, reduced to what is safe as a name here. Its ending tells readers the format. */
const safeName = (filename: string): string => {
  const base = filename.split(/[/\\]/).at(-1) ?? ''
  return base.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^\.+/, '_').slice(-80) || 'file'
}

const unknownField = (name: string, known: readonly string[]): VentralError =>
  new VentralError('unknown-field', `The form has a file "${name}", which is not known here. Known files are ${known.join(', ')}.`, [
    { pointer: `/${name}`, expected: known.join(', '), found: name },
  ])

const twice = (name: string): VentralError => new VentralError('invalid-value', `The form has "${name}" twice.`, [{ pointer: `/${name}`, expected: 'once', found: 'twice' }])

/**
 * Receives a multipart form: its files into `folder`, part by part, without a limit of their size.
 */
export const receiveForm = async (request: FastifyRequest, folder: string, fileFields: readonly string[]): Promise<Upload> => {
  const fields = new Map<string, string>()
  const files = new Map<string, ReceivedFile>()
  for await (const part of request.parts({ limits: { fileSize: Infinity, fieldSize: MAX_FIELD_BYTES, fields: 50, files: 10, parts: 60 } })) {
    const name = part.fieldname
    if (fields.has(name) || files.has(name)) throw twice(name)
    if (part.type === 'field') {
      if (fileFields.includes(name)) throw new VentralError('invalid-value', `"${name}" must be a file, not text.`, [{ pointer: `/${name}`, expected: 'a file', found: 'text' }])
      if (part.valueTruncated) throw new VentralError('body-too-large', `The field "${name}" is longer than ${MAX_FIELD_BYTES} bytes.`)
      fields.set(name, String(part.value))
      continue
    }
    if (!fileFields.includes(name)) throw unknownField(name, fileFields)
    await fs.mkdir(path.join(folder, name))
    files.set(name, await receiveFile(part.file, path.join(folder, name, safeName(part.filename))))
  }
  return { fields: Object.fromEntries(fields), files: Object.fromEntries(files) }
}
