import type { MapsReport } from '../../domain/looks.ts'
import { withClient } from '../connect.ts'
import { askLook, lookQuery, saveLook } from '../look-client.ts'
import { lookTarget, openLookImages } from '../look-files.ts'
import { print, printJson, printTable } from '../output.ts'
import { needed, text } from '../verb.ts'
import type { Verb } from '../verb.ts'

const fields = { backbone: 'backbone', weights: 'weights', seed: 'seed', preprocessing: 'preprocessing', layers: 'layers', 'time-step': 'timeStep', grid: 'grid', channels: 'channels', top: 'top' }

const meanOf = (map: number[][]): number => map.flat().reduce((sum, value) => sum + value, 0) / map.flat().length

const show = ({ images: [{ name }], backbone, weights, layers }: MapsReport): void => {
  print(`${name}  ${backbone} ${weights}`)
  printTable(
    ['layer', 'shape', 'mean', 'strongest channels'],
    layers.map(({ layer, shape, mean, channels }) => [layer, shape.join('x'), mean === null ? null : meanOf(mean[0]).toPrecision(4), channels === null ? null : channels[0].slice(0, 8).join(' ')]),
  )
}

export const maps: Verb = {
  usage: `maps IMAGE|FOLDER|ZIP… --backbone NAME [--layers a,b] [--time-step t|all] [--channels top|mean|all|0,5,…] [--top 16] [--grid g]
           [--weights random|sha256:… --seed 0] [--preprocessing crop] [--out FILE.png|FILE.npz|FILE.json, or a folder for several images]`,
  summary: 'activation maps of images, per layer, per channel and their mean, from blue to red, with the time steps of recurrent areas',
  options: Object.fromEntries([...Object.keys(fields), 'out'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    needed(call, 'backbone')
    const inputs = await openLookImages(call.words)
    try {
      const target = lookTarget(text(call, 'out'), inputs)
      const query = lookQuery(call, fields)
      const saved = (file: string): void => (call.json ? printJson({ file }) : print(file))
      await withClient(call, async (client) => {
        if (target.kind === 'file') {
          await saveLook(client, '/activations', query, inputs.images, target)
          return saved(target.file)
        }
        for (const [i, image] of inputs.images.entries()) {
          if (target.kind === 'folder') {
            await saveLook(client, '/activations', query, [image], { file: target.files[i], format: 'png' })
            saved(target.files[i])
            continue
          }
          const report = await askLook<MapsReport>(client, '/activations', query, image)
          if (call.json) printJson(report)
          else show(report)
        }
      })
    } finally {
      inputs.close()
    }
  },
}
