import type { BackboneParameter } from '../../domain/backbone.ts'
import type { BackboneDescription, BackboneSummary } from '../../pipeline/backbones.ts'
import type { Page } from '../../storage/page.ts'
import { withClient } from '../connect.ts'
import { print, printJson, printTable } from '../output.ts'
import { oneWord } from '../verb.ts'
import type { Verb } from '../verb.ts'

const printParameters = (id: string, parameters: BackboneParameter[]): void => {
  print(`\nVariants are named by what differs, as in ${id}+${parameters[0].name}=VALUE+${parameters[1].name}=VALUE:`)
  printTable(['parameter', 'default', 'takes', 'what it varies'], parameters.map(({ name, meaning, accepted, default: usual }) => [name, usual, accepted, meaning]))
}

export const backbones: Verb = {
  usage: 'backbones [NAME]',
  summary: 'list backbones, or the layers of one and what may be varied of it',
  run: async (call) => {
    if (call.words.length === 0) {
      const { items } = await withClient(call, (client) => client.json<Page<BackboneSummary>>('/backbones'))
      if (call.json) return printJson(items)
      return printTable(
        ['id', 'family', 'input', 'layers', 'weights', 'parameters'],
        items.map(({ id, family, inputSize, layerCount, weights, parameters = [] }) => [id, family, inputSize, layerCount, weights[0]?.sha256.slice(0, 8) ?? null, parameters.map(({ name }) => name).join(', ')]),
      )
    }
    const id = oneWord(call, 'backbone')
    const one = await withClient(call, (client) => client.json<BackboneDescription>(`/backbones/${encodeURIComponent(id)}`))
    if (call.json) return printJson(one)
    printTable(
      ['layer', 'shape', 'units', 'kind', 'default', 'region'],
      one.layers.map(({ name, shape, units, kind, default: byDefault, region }) => [name, shape.join('x'), units, kind, byDefault ? 'yes' : '', region ?? '']),
    )
    if (one.parameters !== undefined) printParameters(one.id.split('+')[0], one.parameters)
  },
}
