import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import fs from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { VentralError } from '../domain/errors.ts'

export interface DownloadOptions {
  /** where the file is to lie; until it is whole its bytes lie beside it as `.part`, for the next attempt to go on from */
  file: string
  /** first digits of the sha256 that the publisher states */
  sha256Prefix: string
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as the environment has them */
  proxy: Record<string, string | undefined>
  onProgress: (done: number, total: number) => void
  signal: AbortSignal
  /** without a byte for so long the connection counts as lost */
  stallMs?: number
  /** waits before further attempts, each after one that brought no byte */
  backOffMs?: readonly number[]
}

const MAX_REDIRECTS = 5

/** A connection that failed or ended early: worth another attempt. */
class Interrupted extends Error {}

/**
 * Fetches a file whose hash is known; answers its sha256. Broken and stalled connections are taken up where they ended, in this call and
 * the next (HTTP ranges, if the server's file is still the same by its ETag or date). A file with another hash is deleted. VentralError
 * `weights-missing` when it cannot be had, `damaged-file` for a wrong hash.
 */
export const download = async (url: string, options: DownloadOptions): Promise<string> => {
  const { file, sha256Prefix, backOffMs = [1000, 2000, 4000, 8000] } = options
  const part = `${file}.part`
  await fs.mkdir(path.dirname(file), { recursive: true })
  for (let failures = 0; ; ) {
    const before = await sizeOf(part)
    try {
      await attempt(url, part, options)
      break
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      failures = (await sizeOf(part)) > before ? 0 : failures + 1
      if (failures > backOffMs.length) throw unreachable(url, error.message, await sizeOf(part))
      await wait(failures === 0 ? 0 : backOffMs[failures - 1], undefined, { signal: options.signal })
    }
  }
  const sha256 = await hashOf(part)
  if (!sha256.startsWith(sha256Prefix)) {
    await Promise.all([fs.rm(part), fs.rm(validatorFile(part), { force: true })])
    throw new VentralError('damaged-file', `${url} gave a file with sha256 ${sha256}; its publisher states ${sha256Prefix}…. It was not kept.`)
  }
  await fs.rename(part, file)
  await fs.rm(validatorFile(part), { force: true })
  return sha256
}

const unreachable = (url: string, why: string, kept: number): VentralError =>
  new VentralError(
    'weights-missing',
    `${url} cannot be fetched (${why}).${kept > 0 ? ` ${kept} bytes are kept: the same command goes on from there.` : ''} Behind a proxy, set HTTPS_PROXY. Without a network, fetch the file elsewhere and add it with "ventral weights add FILE --backbone NAME".`,
  )

const sizeOf = async (file: string): Promise<number> => (await fs.stat(file).catch(() => ({ size: 0 }))).size

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** By what the server knows the file that the kept bytes are of. */
const validatorFile = (part: string): string => `${part}.of`

/** One request, from the bytes that are there on. */
const attempt = async (url: string, part: string, options: DownloadOptions): Promise<void> => {
  const { onProgress, signal, stallMs = 30_000 } = options
  const validator = await fs.readFile(validatorFile(part), 'utf8').catch(() => '')
  const kept = validator === '' ? 0 : await sizeOf(part)
  const headers = kept > 0 ? { range: `bytes=${kept}-`, 'if-range': validator } : {}
  const response = await follow(url, headers, options)
  const status = response.statusCode ?? 0
  if (status === 416) {
    // Nothing after the bytes that are there: whether they are the file, its hash tells.
    response.destroy()
    return
  }
  if (status !== 200 && status !== 206) {
    response.destroy()
    if (status === 408 || status === 429 || status >= 500) throw new Interrupted(`it answered ${status}`)
    throw unreachable(url, `it answered ${status}`, 0)
  }
  const from = status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1] ?? NaN) : 0
  if (from !== 0 && from !== kept) {
    response.destroy()
    throw unreachable(url, 'it answered with another part of the file than asked for', kept)
  }
  const { etag, 'last-modified': date, 'content-length': length } = response.headers
  // A weak ETag promises no equal bytes, so nothing could be resumed by it.
  await fs.writeFile(validatorFile(part), etag !== undefined && !etag.startsWith('W/') ? etag : (date ?? ''))
  const total = length === undefined ? 0 : from + Number(length)
  let done = from
  response.setTimeout(stallMs, () => response.destroy(new Error(`no byte came for ${stallMs / 1000} s`)))
  try {
    await pipeline(
      response,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          done += chunk.length
          yield chunk
          onProgress(done, total)
        }
      },
      createWriteStream(part, { flags: from > 0 ? 'a' : 'w' }),
      { signal },
    )
  } catch (error) {
    signal.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new VentralError('disk-full', `There is no room for ${url} in ${path.dirname(part)}.`)
    throw new Interrupted((error as Error).message)
  }
  if (total > 0 && done < total) throw new Interrupted(`the connection ended after ${done} of ${total} bytes`)
}

/** A GET, redirects followed. */
const follow = async (url: string, headers: http.OutgoingHttpHeaders, options: DownloadOptions, redirects = 0): Promise<http.IncomingMessage> => {
  const response = await get(url, headers, options)
  const { location } = response.headers
  if (location === undefined || ![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return response
  response.destroy()
  if (redirects >= MAX_REDIRECTS) throw unreachable(url, 'it redirects without end', 0)
  const next = new URL(location, url)
  if (next.protocol !== 'https:' && next.protocol !== new URL(url).protocol) throw unreachable(url, `it redirects to ${next.protocol}`, 0)
  return follow(next.href, headers, options, redirects + 1)
}

const get = (url: string, headers: http.OutgoingHttpHeaders, { proxy, signal, stallMs = 30_000 }: DownloadOptions): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { request, Agent } = url.startsWith('https:') ? https : http
    const sent = request(url, { headers, signal, agent: new Agent({ proxyEnv: proxy }) }, resolve)
    sent.setTimeout(stallMs, () => sent.destroy(new Error(`no answer in ${stallMs / 1000} s`)))
    sent.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : new Interrupted(error.message)))
    sent.end()
  })
