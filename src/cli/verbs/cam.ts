import type { CamReport } from '../../domain/looks.ts'
import { withClient } from '../connect.ts'
import { askLook, lookQuery, saveLook } from '../look-client.ts'
import { lookTarget, openLookImages } from '../look-files.ts'
import { print, printJson, printTable } from '../output.ts'
import { needed, text } from '../verb.ts'
import type { Verb } from '../verb.ts'

const fields = {
  ...{ backbone: 'backbone', weights: 'weights', seed: 'seed', preprocessing: 'preprocessing', method: 'method', layer: 'layer' },
  ...{ 'time-step': 'timeStep', class: 'class', top: 'top', alpha: 'alpha' },
}

const show = ({ images: [{ name, top }], backbone, method, layer }: CamReport, file: string | null): void => {
  print(`${name}  ${backbone}, ${method} of ${layer}${file === null ? '' : `: ${file}`}`)
  printTable(['class', 'probability', 'logit', 'name'], top.map((one) => [one.class, Number(one.probability.toFixed(4)), Number(one.logit.toPrecision(5)), one.name]))
}

export const cam: Verb = {
  usage: `cam IMAGE|FOLDER|ZIP… --backbone NAME [--layer L [--time-step t]] [--method cam|grad-cam] [--class 281|'Egyptian cat'|top] [--top 5] [--alpha 0.5]
           [--weights random|sha256:… --seed 0] [--preprocessing crop] [--out FILE.png|FILE.npz|FILE.json, or a folder for several images]`,
  summary: 'the likeliest classes of images, and where in them a class is seen: CAM of the last maps or Grad-CAM of any layer, from blue to red over the image',
  options: Object.fromEntries([...Object.keys(fields), 'out'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    needed(call, 'backbone')
    const inputs = await openLookImages(call.words)
    try {
      const target = lookTarget(text(call, 'out'), inputs)
      const query = lookQuery(call, fields)
      await withClient(call, async (client) => {
        if (target.kind === 'file') await saveLook(client, '/cam', query, inputs.images, target)
        // One image at a time, so that a folder of any size takes one image's memory, and a picture is there as soon as it is made.
        for (const [i, image] of inputs.images.entries()) {
          const report = await askLook<CamReport>(client, '/cam', query, image)
          const file = target.kind === 'none' ? null : target.kind === 'file' ? target.file : target.files[i]
          if (target.kind === 'folder') await saveLook(client, '/cam', query, [image], { file: target.files[i], format: 'png' })
          if (call.json) printJson(file === null ? report : { ...report, file })
          else show(report, file)
        }
      })
    } finally {
      inputs.close()
    }
  },
}
