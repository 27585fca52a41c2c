import fs from 'node:fs/promises'
import path from 'node:path'
import type { CamReport } from '../../domain/looks.ts'
import { imageFilesIn } from '../../pipeline/activation-input.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { formatOfFile, imageForm, queryOf, saveLook } from '../look-output.ts'
import { print, printJson, printTable } from '../output.ts'
import { needed, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const fields = { backbone: 'backbone', weights: 'weights', seed: 'seed', method: 'method', layer: 'layer', 'time-step': 'timeStep', class: 'class', top: 'top', alpha: 'alpha' }

interface Input {
  file: string
  /** below which folder the file was found */
  name: string
}

/** Images as named, and those in folders; whether they are one image or may be several. */
const inputsOf = async (words: readonly string[]): Promise<{ inputs: Input[]; several: boolean }> => {
  const inputs: Input[] = []
  let several = words.length > 1
  for (const word of words) {
    const isFolder = (await fs.stat(word).catch(() => null))?.isDirectory() === true
    several ||= isFolder
    if (isFolder) inputs.push(...(await imageFilesIn(word)).map((name) => ({ file: path.join(word, name), name })))
    else inputs.push({ file: word, name: path.basename(word) })
  }
  return { inputs, several }
}

const stemOf = (name: string): string => path.join(path.dirname(name), path.parse(name).name)

/** Files in the folder `out`, called as the images are; with these's endings too where only they tell two images apart. */
const targetsOf = (out: string, inputs: readonly Input[]): string[] => {
  const uses = Map.groupBy(inputs, ({ name }) => stemOf(name))
  return inputs.map(({ name }) => path.join(out, `${uses.get(stemOf(name))!.length === 1 ? stemOf(name) : name}.png`))
}

const show = ({ images: [{ top }], backbone, method, layer }: CamReport, { name }: Input, saved: string | null): void => {
  print(`${name}  ${backbone}, ${method} of ${layer}${saved === null ? '' : `: ${saved}`}`)
  printTable(['class', 'probability', 'logit', 'name'], top.map((one) => [one.class, Number(one.probability.toFixed(4)), Number(one.logit.toPrecision(5)), one.name]))
}

/** One image at a time, so that a folder of any size takes one image's memory, and a picture is there as soon as it is made. */
const lookAt = async (client: Client, call: Call, input: Input, saved: string | null): Promise<void> => {
  const query = queryOf(call, fields)
  const report = await client.json<CamReport>(`/cam?${query}`, { method: 'POST', body: await imageForm([input.file]) })
  if (saved !== null) await saveLook(client, '/cam', query, [input.file], saved)
  if (call.json) printJson(saved === null ? report : { ...report, file: saved })
  else show(report, input, saved)
}

export const cam: Verb = {
  usage: `cam IMAGE|FOLDER… --backbone NAME [--layer L [--time-step t]] [--method cam|grad-cam] [--class 281|'Egyptian cat'|top] [--top 5]
           [--alpha 0.5] [--weights random|sha256:… --seed 0] [--out FILE.png|FILE.npz|FILE.json, or a folder for several images]`,
  summary: 'the likeliest classes of images, and where in them a class is seen: CAM of the last maps or Grad-CAM of any layer, from blue to red over the image',
  options: Object.fromEntries([...Object.keys(fields), 'out'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    needed(call, 'backbone')
    const { inputs, several } = await inputsOf(call.words)
    if (inputs.length === 0) throw new UsageError('No image was named, and none is in the folders.')
    const out = text(call, 'out')
    if (out !== undefined && !several) formatOfFile(out)
    const targets = out === undefined ? null : several ? targetsOf(out, inputs) : [out]
    await withClient(call, async (client) => {
      for (const [i, input] of inputs.entries()) await lookAt(client, call, input, targets?.[i] ?? null)
    })
  },
}
