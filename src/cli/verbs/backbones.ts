import { openAsBlob } from 'node:fs'
import path from 'node:path'
import type { BackboneParameter, WeightsInfo } from '../../domain/backbone.ts'
import { modelBackbone } from '../../domain/given-model.ts'
import type { BackboneDescription, BackboneSummary } from '../../pipeline/backbones.ts'
import type { Page } from '../../storage/page.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { openInput } from '../files.ts'
import { print, printJson, printTable, tell } from '../output.ts'
import { needed, oneWord, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

/** What may be said of a model, as flags and in the request. */
const settings: Record<string, string> = { 'input-size': 'inputSize', mean: 'mean', std: 'std' }

const pathOf = (id: string): string => `/backbones/${encodeURIComponent(id)}`
const describe = (client: Client, id: string): Promise<BackboneDescription> => client.json<BackboneDescription>(pathOf(id))

const origins = { user: 'as you say', file: 'as the file states', assumed: 'nobody says otherwise: state it where it is wrong' }

const printParameters = (id: string, parameters: BackboneParameter[]): void => {
  print(`\nVariants are named by what differs, as in ${id}+${parameters[0].name}=VALUE+${parameters[1].name}=VALUE:`)
  printTable(['parameter', 'default', 'takes', 'what it varies'], parameters.map(({ name, meaning, accepted, default: usual }) => [name, usual, accepted, meaning]))
}

const show = (call: Call, one: BackboneDescription): void => {
  if (call.json) return printJson(one)
  const { model, inputSize, preprocessing } = one
  if (model !== undefined) {
    print(`${one.id}  ${model.producer === '' ? 'ONNX' : model.producer}, operator set ${model.opsets['']}, sha256 ${one.weights[0].sha256}`)
    print(`  input ${inputSize} x ${inputSize} (${origins[model.origin.inputSize]}), mean ${preprocessing.mean.join(', ')}, std ${preprocessing.std.join(', ')} (${origins[model.origin.normalisation]})`)
  }
  printTable(
    ['layer', 'shape', 'units', 'kind', 'default', 'region'],
    one.layers.map(({ name, shape, units, kind, operator, default: byDefault, region }) => [name, shape.join('x'), units, operator ?? kind, byDefault ? 'yes' : '', region ?? '']),
  )
  if (one.parameters !== undefined) printParameters(one.id.split('+')[0], one.parameters)
}

const list = async (call: Call): Promise<void> => {
  const { items } = await withClient(call, (client) => client.json<Page<BackboneSummary>>('/backbones?limit=1000'))
  if (call.json) return printJson(items)
  printTable(
    ['id', 'family', 'input', 'layers', 'weights', 'parameters'],
    items.map(({ id, family, inputSize, layerCount, weights, parameters = [] }) => [id, family, inputSize, layerCount, weights[0]?.sha256.slice(0, 8) ?? null, parameters.map(({ name }) => name).join(', ')]),
  )
}

const add = async (call: Call): Promise<void> => {
  const file = oneWord(call, 'the ONNX file')
  const id = modelBackbone(needed(call, 'name'))
  const stated = Object.entries(settings).flatMap(([flag, field]) => (text(call, flag) === undefined ? [] : [[field, text(call, flag)!]]))
  const query = new URLSearchParams([['source', path.basename(file)], ...stated])
  const body = await openInput(file, (found) => openAsBlob(found))
  const one = await withClient(call, async (client) => {
    await client.json<WeightsInfo>(`${pathOf(id)}/weights?${query}`, { method: 'PUT', body })
    return describe(client, id)
  })
  show(call, one)
}

const remove = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the backbone')
  await withClient(call, (client) => client.text(pathOf(id), { method: 'DELETE' }))
  if (call.json) printJson({ id, deleted: true })
  else tell(`${id} is deleted.`)
}

const actions: Record<string, (call: Call) => Promise<void>> = { add, rm: remove }

export const backbones: Verb = {
  usage: `backbones [NAME]
  backbones add FILE.onnx --name NAME [--input-size 224] [--mean r,g,b --std r,g,b]
  backbones rm onnx:NAME`,
  summary: 'list backbones, or the layers of one and what may be varied of it; add an ONNX model of your own as the backbone onnx:NAME, or delete it',
  options: Object.fromEntries(['name', ...Object.keys(settings)].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    const [action, ...words] = call.words
    if (action !== 'add') for (const flag of ['name', ...Object.keys(settings)]) if (text(call, flag) !== undefined) throw new UsageError(`--${flag} belongs to backbones add.`)
    if (Object.hasOwn(actions, action ?? '')) return actions[action]({ ...call, words })
    if (action === undefined) return list(call)
    const id = oneWord(call, 'backbone')
    show(call, await withClient(call, (client) => describe(client, id)))
  },
}
