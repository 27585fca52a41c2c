import { openAsBlob } from 'node:fs'
import path from 'node:path'
import type { CkaReport, RdmComparisonReport, RdmSummary, RdmView } from '../../domain/rdm.ts'
import type { Page } from '../../storage/page.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { openInput } from '../files.ts'
import { print, printJson, printTable, tell } from '../output.ts'
import { printCka, printComparison, printRdm } from '../print-rdm.ts'
import { ckaRequestOf, rdmRequestOf, sourceOptions } from '../rdm-request.ts'
import { oneWord, text, UsageError, whole } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

/** What `--out` asks for, by the file's ending; told before anything is computed. */
const outOf = (call: Call): { file: string; query: string } | null => {
  const file = text(call, 'out')
  const percentiles = call.flags.percentiles === true
  if (file === undefined && percentiles) throw new UsageError('--percentiles needs --out FILE.csv.')
  if (file === undefined) return null
  const format = path.extname(file).slice(1)
  if (format !== 'csv' && format !== 'npz') throw new UsageError('--out takes a file that ends in .csv or .npz.')
  if (percentiles && format === 'npz') throw new UsageError('--percentiles is for .csv: an .npz holds both.')
  return { file, query: `?format=${format}${percentiles ? '&percentiles=true' : ''}` }
}

const report = async (client: Client, rdm: RdmView, call: Call): Promise<void> => {
  const out = outOf(call)
  if (out !== null) await client.download(`/rdms/${encodeURIComponent(rdm.id)}/values${out.query}`, out.file)
  if (call.json) return printJson(rdm)
  printRdm(rdm)
  if (out !== null) print(`  values in ${out.file}`)
}

const make = async (call: Call): Promise<void> => {
  const request = await rdmRequestOf(call)
  if (outOf(call) !== null && request.of.layers !== undefined) throw new UsageError('--out takes one RDM: ask for one layer, or save each with "rdm show ID --out FILE".')
  await withClient(call, async (client) => {
    const made = await client.json<RdmView | Page<RdmView>>('/rdms', { method: 'POST', json: request })
    if (!('items' in made)) return report(client, made, call)
    if (call.json) printJson(made.items)
    else for (const rdm of made.items) printRdm(rdm)
  })
}

const add = async (call: Call): Promise<void> => {
  outOf(call)
  const form = new FormData()
  const files = { file: oneWord(call, 'file'), labels: text(call, 'labels') }
  for (const [field, file] of Object.entries(files)) if (file !== undefined) form.set(field, await openInput(file, (found) => openAsBlob(found)), path.basename(file))
  for (const field of ['dataset', 'variable', 'by', 'distance', 'name']) if (text(call, field) !== undefined) form.set(field, text(call, field)!)
  await withClient(call, async (client) => report(client, await client.json<RdmView>('/rdms', { method: 'POST', body: form }), call))
}

const list = async (call: Call): Promise<void> => {
  const dataset = text(call, 'dataset')
  const { items } = await withClient(call, (client) => client.json<Page<RdmSummary>>(`/rdms?limit=1000${dataset === undefined ? '' : `&dataset=${encodeURIComponent(dataset)}`}`))
  if (call.json) printJson(items)
  else printTable(['id', 'name', 'kind', 'rows', 'by', 'distance', 'created'], items.map(({ id, name, kind, n, by, distance, createdAt }) => [id, name, kind, n, by, distance, createdAt]))
}

const show = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the RDM’s id')
  await withClient(call, async (client) => report(client, await client.json<RdmView>(`/rdms/${encodeURIComponent(id)}`), call))
}

const remove = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the RDM’s id')
  await withClient(call, (client) => client.text(`/rdms/${encodeURIComponent(id)}`, { method: 'DELETE' }))
  if (call.json) printJson({ id, deleted: true })
  else tell(`RDM ${id} is deleted.`)
}

const compare = async (call: Call): Promise<void> => {
  const [first, ...b] = call.words
  if (first === undefined || b.length === 0) throw new UsageError('Two RDMs or more are needed: the first is compared with each of the others.')
  const animals = first.split(',')
  const request = { a: animals.length === 1 ? first : animals, b, comparison: text(call, 'comparison'), draws: whole(call, 'draws'), seed: whole(call, 'seed') }
  const answer = await withClient(call, (client) => client.json<RdmComparisonReport>('/rdms/compare', { method: 'POST', json: request }))
  if (call.json) printJson(answer)
  else printComparison(answer)
}

const cka = async (call: Call): Promise<void> => {
  const request = await ckaRequestOf(call)
  const answer = await withClient(call, (client) => client.json<CkaReport>('/cka', { method: 'POST', json: request }))
  if (call.json) printJson(answer)
  else printCka(answer)
}

const actions: Record<string, (call: Call) => Promise<void>> = { make, add, list, show, rm: remove, compare, cka }

const ownFlags = ['request', 'distance', 'noise', 'by', 'name', 'out', 'labels', 'variable', 'comparison', 'draws']

export const rdm: Verb = {
  usage: `rdm make --dataset ID [--region R] [--raw] [--missing sharedStimuli|completeSites] | --dataset ID --backbone NAME --layers L[,L…] [--grid g] | --fit ID --layers L[,L…] | --request FILE
           [--distance pearson|euclidean|cosine|crossnobis] [--noise ESTIMATE] [--by object_name] [--name N] [--out FILE.csv|FILE.npz]
  rdm add FILE.npy|.npz|.csv|.mat [--variable 'RDMs(1,2).RDM'] [--labels CSV | --dataset ID] [--by C] [--distance TEXT] [--name N]
  rdm list [--dataset ID] | show ID [--out FILE.csv|FILE.npz] [--percentiles] | rm ID
  rdm compare A[,A…] B… [--comparison spearman|pearson|kendall] [--draws N] [--seed S]
  rdm cka --dataset ID [--region R] --backbone NAME --layers L [--by C] | --request FILE`,
  summary: 'representational dissimilarity: make, add, list, show, delete and compare RDMs; linear CKA',
  options: { ...sourceOptions, ...Object.fromEntries(ownFlags.map((flag) => [flag, { type: 'string' as const }])), percentiles: { type: 'boolean' } },
  run: async (call) => {
    const [action, ...words] = call.words
    if (!Object.hasOwn(actions, action ?? '')) throw new UsageError(action === undefined ? 'make, add, list, show, rm, compare or cka?' : `There is no "rdm ${action}".`)
    await actions[action]({ ...call, words })
  },
}
