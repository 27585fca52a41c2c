import type { BackboneDescription, BackboneSummary } from '../../pipeline/backbones.ts'
import type { Page } from '../../storage/page.ts'
import { withClient } from '../connect.ts'
import { printJson, printTable } from '../output.ts'
import { oneWord } from '../verb.ts'
import type { Verb } from '../verb.ts'

export const backbones: Verb = {
  usage: 'backbones [NAME]',
  summary: 'list backbones, or the layers of one',
  run: async (call) => {
    if (call.words.length === 0) {
      const { items } = await withClient(call, (client) => client.json<Page<BackboneSummary>>('/backbones'))
      if (call.json) return printJson(items)
      return printTable(['id', 'family', 'input', 'layers', 'weights'], items.map(({ id, family, inputSize, layerCount, weights }) => [id, family, inputSize, layerCount, weights[0]?.sha256.slice(0, 8) ?? null]))
    }
    const id = oneWord(call, 'backbone')
    const one = await withClient(call, (client) => client.json<BackboneDescription>(`/backbones/${encodeURIComponent(id)}`))
    if (call.json) return printJson(one)
    printTable(
      ['layer', 'shape', 'units', 'kind', 'default', 'region'],
      one.layers.map(({ name, shape, units, kind, default: byDefault, region }) => [name, shape.join('x'), units, kind, byDefault ? 'yes' : '', region ?? '']),
    )
  },
}
