import { openAsBlob } from 'node:fs'
import path from 'node:path'
import type { Prediction } from '../../pipeline/predict.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { openInput } from '../files.ts'
import { printJson, printTable } from '../output.ts'
import { needed, UsageError } from '../verb.ts'
import type { Verb } from '../verb.ts'

const BATCH_IMAGES = 16
const BATCH_BYTES = 48e6

/** Cuts files into requests that the server takes. */
const batches = (images: { file: string; blob: Blob }[]): { file: string; blob: Blob }[][] => {
  const all: (typeof images)[] = []
  let bytes = Infinity
  for (const image of images) {
    const last = all.at(-1)
    if (last === undefined || last.length === BATCH_IMAGES || bytes + image.blob.size > BATCH_BYTES) {
      all.push([image])
      bytes = image.blob.size
    } else {
      last.push(image)
      bytes += image.blob.size
    }
  }
  return all
}

const ask = (client: Client, encoder: string, images: { file: string; blob: Blob }[]): Promise<Prediction> => {
  const form = new FormData()
  for (const { file, blob } of images) form.append('image', blob, path.basename(file))
  return client.json<Prediction>(`/predict?encoder=${encodeURIComponent(encoder)}`, { method: 'POST', body: form })
}

export const predict: Verb = {
  usage: 'predict IMAGE… --encoder ID',
  summary: 'rates that an encoder predicts for images (image x site)',
  options: { encoder: { type: 'string' } },
  run: async (call) => {
    if (call.words.length === 0) throw new UsageError('No image was named.')
    const encoder = needed(call, 'encoder')
    const images = await Promise.all(call.words.map(async (file) => ({ file, blob: await openInput(file, (found) => openAsBlob(found)) })))
    const answers = await withClient(call, async (client) => {
      const list: Prediction[] = []
      for (const batch of batches(images)) list.push(await ask(client, encoder, batch))
      return list
    })
    const { rates: _, ratesRectified, ...head } = answers[0]
    const rates = answers.flatMap((answer) => answer.rates)
    const rectified = ratesRectified === undefined ? {} : { ratesRectified: answers.flatMap((answer) => answer.ratesRectified ?? []) }
    if (call.json) printJson({ ...head, images: call.words, rates, ...rectified })
    else printTable(['image', ...head.sites.map(({ id }) => id)], rates.map((row, i) => [call.words[i], ...row.map((rate) => Number(rate.toPrecision(4)))]))
  },
}
