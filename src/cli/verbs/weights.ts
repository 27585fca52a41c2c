import { openAsBlob } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { WeightsInfo } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import { getBackbone, listBackbones } from '../../models/backbones/index.ts'
import { catalogue, publishedWeights } from '../../models/weights/catalogue.ts'
import type { CatalogueEntry } from '../../models/weights/catalogue.ts'
import type { BackboneSummary } from '../../pipeline/backbones.ts'
import { withClient } from '../connect.ts'
import { download } from '../download.ts'
import { openInput } from '../files.ts'
import { print, printJson, tell } from '../output.ts'
import { createProgress } from '../progress-bar.ts'
import { needed, oneWord, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const put = async (call: Call, backbone: string, file: string, source: string): Promise<void> => {
  const body = await openInput(file, (found) => openAsBlob(found))
  const query = new URLSearchParams({ source })
  const info = await withClient(call, (client) => client.json<WeightsInfo>(`/backbones/${encodeURIComponent(backbone)}/weights?${query}`, { method: 'PUT', body }))
  report(call, backbone, info)
}

const report = (call: Call, backbone: string, info: WeightsInfo): void =>
  call.json ? printJson({ backbone, ...info }) : print(`${backbone}: weights ${info.sha256} (${info.format}, ${info.bytes} bytes)`)

const add = (call: Call): Promise<void> => {
  const file = oneWord(call, 'the checkpoint file')
  return put(call, needed(call, 'backbone'), file, path.basename(file))
}

const entryOf = (backbone: string, version: string | undefined): CatalogueEntry => {
  const published = publishedWeights(getBackbone(backbone).id)
  const entry = version === undefined ? published[0] : published.find((candidate) => candidate.version === version)
  if (entry !== undefined) return entry
  const known = published.map((candidate) => candidate.version).join(', ')
  throw new VentralError('weights-missing', known === '' ? `No published weights of ${backbone} are known. Add a file with "ventral weights add FILE --backbone ${backbone}".` : `${backbone} has no version "${version}"; it has ${known}.`)
}

/** The usual published weights of each backbone of a family. */
const familyEntries = (family: string): CatalogueEntry[] => {
  const graphs = listBackbones().filter((graph) => graph.family === family)
  const entries = graphs.flatMap(({ id }) => publishedWeights(id).slice(0, 1))
  if (entries.length > 0) return entries
  const families = [...new Set(catalogue.map(({ backbone }) => getBackbone(backbone).family))].join(', ')
  throw new VentralError('unknown-backbone', `There are no published weights of a family "${family}"; there are of ${families}.`)
}

/** A mirror has the published files under their names. */
const addressOf = ({ url }: CatalogueEntry, mirror: string | undefined): string =>
  mirror === undefined ? url : new URL(path.basename(new URL(url).pathname), mirror.endsWith('/') ? mirror : `${mirror}/`).href

const pullEntry = async (call: Call, entry: CatalogueEntry): Promise<void> => {
  const { backbone, sha256Prefix, source, licence } = entry
  const { weights } = await withClient(call, (client) => client.json<BackboneSummary>(`/backbones/${encodeURIComponent(backbone)}`))
  const here = weights.find(({ sha256 }) => sha256.startsWith(sha256Prefix))
  if (here !== undefined) return report(call, backbone, here)
  const url = addressOf(entry, text(call, 'mirror'))
  const file = path.join(call.config.home, 'downloads', path.basename(new URL(entry.url).pathname))
  tell(`${url} (${source}, licence ${licence})`)
  const progress = createProgress({ quiet: call.json })
  const onProgress = (done: number, total: number): void => progress.show({ stage: path.basename(file), done, total })
  await download(url, { file, sha256Prefix, proxy: call.config.proxy, onProgress, signal: call.signal }).finally(progress.stop)
  await put(call, backbone, file, entry.url)
  await fs.rm(file)
}

const pull = async (call: Call): Promise<void> => {
  const family = text(call, 'family')
  if (family === undefined) return pullEntry(call, entryOf(oneWord(call, 'the backbone'), text(call, 'version')))
  if (call.words.length > 0 || text(call, 'version') !== undefined) throw new UsageError('--family takes neither a backbone nor a version.')
  for (const entry of familyEntries(family)) await pullEntry(call, entry)
}

/** The catalogue: what can be pulled, from whom, under which licence. */
const list = (call: Call): Promise<void> => {
  if (call.words.length > 0) throw new UsageError(`"${call.words[0]}" is not understood.`)
  if (call.json) printJson(catalogue)
  else for (const { backbone, version, top1, licence, url } of catalogue) print([backbone, version, top1 === null ? '-' : top1.toFixed(3), licence, url].join('\t'))
  return Promise.resolve()
}

const actions: Record<string, (call: Call) => Promise<void>> = { add, pull, list }

export const weights: Verb = {
  usage: `weights add FILE --backbone NAME
  weights pull NAME [--version V] | --family F  [--mirror URL]
  weights list`,
  summary: 'add a checkpoint, fetch a published one, or list what is published',
  options: Object.fromEntries(['backbone', 'version', 'family', 'mirror'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    const [action, ...words] = call.words
    if (!Object.hasOwn(actions, action ?? '')) throw new UsageError(action === undefined ? 'add, pull or list?' : `There is no "weights ${action}".`)
    await actions[action]({ ...call, words })
  },
}
