import fs from 'node:fs'
import { encodeNpy } from '../../../src/numerics/npy.ts'
import { formOf, npyFile, zipFile } from '../../e2e/service.ts'
import { gauss } from '../../helper/generator.ts'
import { exported } from '../../models/given-onnx/models.ts'
import { finishFit } from '../../pipeline/finished-fit.ts'
import { noisePng, stimulusName } from '../../pipeline/fixtures.ts'
import type { AccessService, Asked } from './service.ts'

const [n, m] = [12, 3]

/** One of each kind of resource: the ids that routes take. */
export interface Resources {
  dataset: string
  stimulus: string
  /** a model of the owner's own, with `onnx:` */
  backbone: string
  activations: string
  fit: string
  layer: string
  registration: string
  encoder: string
  rdm: string
  comparison: string
}

const images = Array.from({ length: n }, (_, i) => [stimulusName(i), noisePng(`access ${i}`)] as const)

export const somePng = images[0][1]

export const someForm = async (): Promise<FormData> =>
  formOf({ name: 'access', axes: 'stimulus,site', unit: 'other', region: 'IT', stimuli: await zipFile(images), responses: npyFile(gauss('access', n * m), [n, m]) })

export const someActivations = (): Uint8Array<ArrayBuffer> => new Uint8Array(encodeNpy(gauss('access: activations', n * 5), [n, 5]))

export const fitOf = ({ dataset, backbone }: Pick<Resources, 'dataset' | 'backbone'>): object => ({
  dataset, backbone, layers: ['leaky.LeakyRelu'], mapping: { method: 'ridge', alphas: [1] }, split: { scheme: 'kfold', folds: 2 }, alsoBy: [],
}) // prettier-ignore

/** Makes them all with a key that may read and write, as its user would. */
export const makeResources = async ({ ask, context }: AccessService, key: string, name: string): Promise<Resources> => {
  const make = async (path: string, asked: Asked): Promise<Record<string, never>> => {
    const { status, text } = await ask(path, { method: 'POST', key, ...asked })
    if (status < 200 || status >= 300) throw new Error(`${path}: ${status} ${text}`)
    return JSON.parse(text) as Record<string, never>
  }
  const { id: dataset } = await make('/datasets', { body: await someForm() })
  const backbone = `onnx:${name}`
  await make(`/backbones/${backbone}/weights`, { method: 'PUT', body: new Uint8Array(fs.readFileSync(exported('maps.onnx'))) })
  await make(`/activations/${name}?dataset=${String(dataset)}&rows=dataset-order`, { method: 'PUT', body: someActivations() })
  const { id: fit, registration } = await make('/fit?register=true', { body: fitOf({ dataset, backbone }) })
  await finishFit(context, fit)
  const { encoder } = JSON.parse((await ask(`/fits/${String(fit)}`, { key })).text) as { encoder: string }
  const { id: rdm } = await make('/rdms', { body: { of: { kind: 'responses', dataset } } })
  const { id: comparison } = await make('/comparisons', { body: { dataset, backbones: [{ backbone: 'pixels' }], split: { scheme: 'kfold', folds: 2 } } })
  return { dataset, stimulus: 's000', backbone, activations: name, fit, layer: 'leaky.LeakyRelu', registration: (registration as { id: string }).id, encoder, rdm, comparison }
}

/** Ids of nothing. */
export const nowhere: Resources = {
  dataset: 'nosuchdataset', stimulus: 's000', backbone: 'onnx:no-such-model', activations: 'no-such-activations', fit: 'nosuchfit', layer: 'leaky.LeakyRelu',
  registration: 'nosuchregistration', encoder: 'nosuchencoder', rdm: 'nosuchrdm', comparison: 'nosuchcomparison',
} // prettier-ignore
