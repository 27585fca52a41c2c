import type { MapsReport } from '../../domain/looks.ts'
import { withClient } from '../connect.ts'
import { fileForm, formatOfFile, queryOf, saveLook } from '../look-output.ts'
import { print, printJson, printTable } from '../output.ts'
import { needed, text, UsageError } from '../verb.ts'
import type { Verb } from '../verb.ts'

const fields = { backbone: 'backbone', weights: 'weights', seed: 'seed', preprocessing: 'preprocessing', layers: 'layers', 'time-step': 'timeStep', grid: 'grid', channels: 'channels', top: 'top' }

/** The mean over all places, which are as many in each row. */
const meanOf = (map: number[][]): number => map.flat().reduce((sum, value) => sum + value, 0) / map.flat().length

export const maps: Verb = {
  usage: `maps IMAGE… --backbone NAME [--layers a,b] [--time-step t|all] [--channels top|mean|all|0,5,…] [--top 16] [--grid g]
           [--weights random|sha256:… --seed 0] [--preprocessing crop] [--out FILE.png|FILE.npz|FILE.json]`,
  summary: 'activation maps of images, per layer, per channel and their mean, from blue to red, with the time steps of recurrent areas',
  options: Object.fromEntries([...Object.keys(fields), 'out'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    if (call.words.length === 0) throw new UsageError('No image was named.')
    needed(call, 'backbone')
    const out = text(call, 'out')
    if (out !== undefined) formatOfFile(out)
    const query = queryOf(call, fields)
    await withClient(call, async (client) => {
      if (out !== undefined) {
        await saveLook(client, '/activations', query, await fileForm(call.words), out)
        return call.json ? printJson({ file: out }) : print(out)
      }
      const report = await client.json<MapsReport>(`/activations?${query}`, { method: 'POST', body: await fileForm(call.words) })
      if (call.json) return printJson(report)
      for (const [i, { name }] of report.images.entries()) {
        print(`${name}  ${report.backbone} ${report.weights}`)
        printTable(
          ['layer', 'shape', 'mean', 'strongest channels'],
          report.layers.map(({ layer, shape, mean, channels }) => [layer, shape.join('x'), mean === null ? null : meanOf(mean[i]).toPrecision(4), channels === null ? null : channels[i].slice(0, 8).join(' ')]),
        )
      }
    })
  },
}
