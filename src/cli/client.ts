import { createWriteStream } from 'node:fs'
import fs from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { problemCodes, VentralError } from '../domain/errors.ts'
import type { ProblemCode, ProblemDetail } from '../domain/errors.ts'
import { encodeBody } from './encode-body.ts'

export interface Ask {
  method?: string
  /** sent as a stream */
  body?: FormData | Blob | AsyncIterable<Uint8Array>
  /** sent as JSON */
  json?: unknown
  accept?: string
  /** the same key and body get the first answer again */
  idempotencyKey?: string
}

/** A client of one server. Failures are VentralErrors with the server's code and sentence. */
export interface Client {
  url: string
  json: <T>(path: string, ask?: Ask) => Promise<T>
  text: (path: string, ask?: Ask) => Promise<string>
  /** Streams an answer to a file, which appears when it is whole. */
  download: (path: string, file: string, ask?: Ask) => Promise<void>
}

interface ProblemBody {
  code?: string
  detail?: string
  errors?: ProblemDetail[]
}

const toError = (url: string, status: number, text: string): VentralError => {
  const { code, detail, errors } = parse(text)
  if (code !== undefined && code in problemCodes) return new VentralError(code as ProblemCode, detail ?? '', errors)
  return new VentralError('internal', `${url} answered ${status} without saying why. Is it a Ventral server?`)
}

const parse = (text: string): ProblemBody => {
  try {
    return JSON.parse(text) as ProblemBody
  } catch {
    return {}
  }
}

const unreachable = (url: string, error: NodeJS.ErrnoException): VentralError =>
  new VentralError('busy', `No server answers at ${url} (${error.code ?? error.message}). Start one with "ventral serve", or leave --url out.`)

export const createClient = (url: string, { apiKey, signal }: { apiKey: string | null; signal: AbortSignal }): Client => {
  const base = url.replace(/\/+$/, '')

  // Not fetch: it gives up when an answer takes five minutes, as the import of a large dataset may.
  const send = async (path: string, { method = 'GET', body, json, accept = 'application/json', idempotencyKey }: Ask = {}): Promise<http.IncomingMessage> => {
    const content = json !== undefined ? JSON.stringify(json) : body
    const encoded = content === undefined ? null : encodeBody(content)
    const headers = {
      accept,
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(encoded === null ? {} : { 'content-type': encoded.contentType }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    }
    return new Promise((resolve, reject) => {
      const request = (base.startsWith('https:') ? https : http).request(`${base}${path}`, { method, headers, signal }, resolve)
      request.on('error', (error: NodeJS.ErrnoException) => reject(signal.aborted ? error : unreachable(base, error)))
      if (encoded === null) request.end()
      // A server that refuses the body early answers all the same; only the request's own error counts.
      else pipeline(encoded.chunks, request).catch((error: unknown) => request.destroy(error as Error))
    })
  }

  const ok = async (path: string, ask?: Ask): Promise<http.IncomingMessage> => {
    const response = await send(path, ask)
    if (response.statusCode! >= 200 && response.statusCode! < 300) return response
    throw toError(base, response.statusCode!, await readAll(response))
  }

  const text = async (path: string, ask?: Ask): Promise<string> => readAll(await ok(path, ask))
  return {
    url: base,
    text,
    json: async <T>(path: string, ask?: Ask) => JSON.parse((await text(path, ask)) || 'null') as T,
    download: async (path, file, ask = {}) => {
      const part = `${file}.part`
      try {
        await pipeline(await ok(path, { accept: '*/*', ...ask }), createWriteStream(part))
        await fs.rename(part, file)
      } finally {
        await fs.rm(part, { force: true })
      }
    },
  }
}

const readAll = async (stream: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
