import fs from 'node:fs/promises'
import path from 'node:path'
import { openImageFiles } from '../../datasets/image-files.ts'
import type { ImageFile } from '../../datasets/image-files.ts'
import type { CamReport } from '../../domain/looks.ts'
import { withClient } from '../connect.ts'
import { openInput } from '../files.ts'
import { formatOfFile, imageForm, queryOf, saveLook } from '../look-output.ts'
import type { Client } from '../client.ts'
import { print, printJson, printTable } from '../output.ts'
import { needed, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const fields = { backbone: 'backbone', weights: 'weights', seed: 'seed', preprocessing: 'preprocessing', method: 'method', layer: 'layer', 'time-step': 'timeStep', class: 'class', top: 'top', alpha: 'alpha' }

interface Inputs {
  images: ImageFile[]
  /** whether they may be several, so that `--out` names a folder */
  several: boolean
  close: () => void
}

/** Images as named, and those in folders and archives. */
const openInputs = async (words: readonly string[]): Promise<Inputs> => {
  const opened: Awaited<ReturnType<typeof openImageFiles>>[] = []
  let several = words.length > 1
  for (const word of words) {
    const isFolder = (await fs.stat(word).catch(() => null))?.isDirectory() === true
    const files = await (isFolder ? openImageFiles(word) : openInput(word, openImageFiles))
    several ||= isFolder || files.images.length > 1
    opened.push(files)
  }
  return { images: opened.flatMap(({ images }) => images), several, close: () => opened.forEach(({ close }) => close()) }
}

const stemOf = (name: string): string => path.join(path.dirname(name), path.parse(name).name)

/** Files in the folder `out`, called as the images are; with these's endings too where only they tell two images apart. */
const targetsOf = (out: string, images: readonly ImageFile[]): string[] => {
  const uses = Map.groupBy(images, ({ name }) => stemOf(name))
  return images.map(({ name }) => path.join(out, `${uses.get(stemOf(name))!.length === 1 ? stemOf(name) : name}.png`))
}

const show = ({ images: [{ name, top }], backbone, method, layer }: CamReport, saved: string | null): void => {
  print(`${name}  ${backbone}, ${method} of ${layer}${saved === null ? '' : `: ${saved}`}`)
  printTable(['class', 'probability', 'logit', 'name'], top.map((one) => [one.class, Number(one.probability.toFixed(4)), Number(one.logit.toPrecision(5)), one.name]))
}

/** One image at a time, so that a folder of any size takes one image's memory, and a picture is there as soon as it is made. */
const lookAt = async (client: Client, call: Call, { name, read }: ImageFile, saved: string | null): Promise<void> => {
  const query = queryOf(call, fields)
  const form = imageForm([{ name, blob: new Blob([new Uint8Array(await read())]) }])
  const answer = await client.json<CamReport>(`/cam?${query}`, { method: 'POST', body: form })
  if (saved !== null) await saveLook(client, '/cam', query, form, saved)
  const report = { ...answer, images: answer.images.map((image) => ({ ...image, name })) } // with the folders, which forms leave out
  if (call.json) printJson(saved === null ? report : { ...report, file: saved })
  else show(report, saved)
}

export const cam: Verb = {
  usage: `cam IMAGE|FOLDER|ZIP… --backbone NAME [--layer L [--time-step t]] [--method cam|grad-cam] [--class 281|'Egyptian cat'|top] [--top 5]
           [--alpha 0.5] [--weights random|sha256:… --seed 0] [--preprocessing crop] [--out FILE.png|FILE.npz|FILE.json, or a folder for several images]`,
  summary: 'the likeliest classes of images, and where in them a class is seen: CAM of the last maps or Grad-CAM of any layer, from blue to red over the image',
  options: Object.fromEntries([...Object.keys(fields), 'out'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    needed(call, 'backbone')
    if (call.words.length === 0) throw new UsageError('No image was named.')
    const { images, several, close } = await openInputs(call.words)
    try {
      const out = text(call, 'out')
      if (out !== undefined && !several) formatOfFile(out)
      const targets = out === undefined ? null : several ? targetsOf(out, images) : [out]
      await withClient(call, async (client) => {
        for (const [i, image] of images.entries()) await lookAt(client, call, image, targets?.[i] ?? null)
      })
    } finally {
      close()
    }
  },
}
