import { createHash } from 'node:crypto'
import { createWriteStream, openAsBlob } from 'node:fs'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { WeightsInfo } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import { publishedWeights } from '../../models/weights/catalogue.ts'
import type { CatalogueEntry } from '../../models/weights/catalogue.ts'
import { withClient } from '../connect.ts'
import { openInput } from '../files.ts'
import { print, printJson, tell } from '../output.ts'
import { createProgress } from '../progress-bar.ts'
import { needed, oneWord, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const put = async (call: Call, backbone: string, file: string, source: string): Promise<void> => {
  const body = await openInput(file, (found) => openAsBlob(found))
  const query = new URLSearchParams({ source })
  const info = await withClient(call, (client) => client.json<WeightsInfo>(`/backbones/${encodeURIComponent(backbone)}/weights?${query}`, { method: 'PUT', body }))
  if (call.json) printJson({ backbone, ...info })
  else print(`${backbone}: weights ${info.sha256} (${info.format}, ${info.bytes} bytes)`)
}

const add = (call: Call): Promise<void> => {
  const file = oneWord(call, 'the checkpoint file')
  return put(call, needed(call, 'backbone'), file, path.basename(file))
}

const entryOf = (backbone: string, version: string | undefined): CatalogueEntry => {
  const published = publishedWeights(backbone)
  const entry = version === undefined ? published[0] : published.find((candidate) => candidate.version === version)
  if (entry !== undefined) return entry
  const known = published.map((candidate) => candidate.version).join(', ')
  throw new VentralError('weights-missing', known === '' ? `No published weights of ${backbone} are known. Add a file with "ventral weights add FILE --backbone ${backbone}".` : `${backbone} has no version "${version}"; it has ${known}.`)
}

const download = async ({ url, sha256Prefix }: CatalogueEntry, file: string, call: Call): Promise<void> => {
  const response = await fetch(url, { signal: call.signal }).catch((error: Error) => {
    throw new VentralError('weights-missing', `${url} cannot be reached (${(error.cause as Error | undefined)?.message ?? error.message}). Fetch it elsewhere and add it with "ventral weights add".`)
  })
  if (!response.ok || response.body === null) throw new VentralError('weights-missing', `${url} answered ${response.status}.`)
  const progress = createProgress({ quiet: call.json })
  const total = Number(response.headers.get('content-length') ?? 0)
  const hash = createHash('sha256')
  let done = 0
  await pipeline(
    Readable.fromWeb(response.body as never),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        progress.show({ stage: 'download', done: (done += chunk.length), total })
        yield chunk
      }
    },
    createWriteStream(file),
  ).finally(progress.stop)
  const sha256 = hash.digest('hex')
  if (!sha256.startsWith(sha256Prefix)) throw new VentralError('damaged-file', `${url} gave a file with sha256 ${sha256}; its publisher states ${sha256Prefix}…. It was not added.`)
}

const pull = async (call: Call): Promise<void> => {
  const backbone = oneWord(call, 'the backbone')
  const entry = entryOf(backbone, text(call, 'version'))
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'ventral-weights-'))
  try {
    const file = path.join(folder, path.basename(new URL(entry.url).pathname))
    tell(`${entry.url} (${entry.source}, licence ${entry.licence})`)
    await download(entry, file, call)
    await put(call, backbone, file, entry.url)
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
}

const actions: Record<string, (call: Call) => Promise<void>> = { add, pull }

export const weights: Verb = {
  usage: `weights add FILE --backbone NAME
  weights pull NAME [--version V]`,
  summary: 'add a checkpoint, or fetch a published one',
  options: { backbone: { type: 'string' }, version: { type: 'string' } },
  run: async (call) => {
    const [action, ...words] = call.words
    if (!Object.hasOwn(actions, action ?? '')) throw new UsageError(action === undefined ? 'add or pull?' : `There is no "weights ${action}".`)
    await actions[action]({ ...call, words })
  },
}
