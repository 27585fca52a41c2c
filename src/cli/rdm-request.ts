import type { CkaRequest, RdmRequest, SourceRequest } from '../domain/rdm.ts'
import { readRequest } from './read-request.ts'
import { text, UsageError, whole } from './verb.ts'
import type { Call } from './verb.ts'

const sourceFlags = ['dataset', 'region', 'animal', 'sites', 'missing', 'backbone', 'weights', 'seed', 'layers', 'grid', 'fit'] as const

/** Flags that say what a representation is of; `--raw` besides. */
export const sourceOptions = { ...Object.fromEntries(sourceFlags.map((flag) => [flag, { type: 'string' as const }])), raw: { type: 'boolean' as const } }

const given = (values: Record<string, unknown>): object => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** One layer is `layer`, several or a word for several are `layers`. */
const layerField = (layers: string | undefined): object => {
  if (layers === undefined) return {}
  const several = layers.includes(',')
  return layers === 'default' || layers === 'all' || several ? { layers: several ? layers.split(',') : layers } : { layer: layers }
}

const responsesOf = (call: Call): SourceRequest => {
  const sites = given({ region: text(call, 'region'), animal: text(call, 'animal'), ids: text(call, 'sites')?.split(',') })
  return { kind: 'responses', ...given({ dataset: text(call, 'dataset'), missing: text(call, 'missing'), sites: Object.keys(sites).length === 0 ? undefined : sites, zscore: call.flags.raw === true ? false : undefined }) }
}

const activationsOf = (call: Call): SourceRequest => {
  const grid = whole(call, 'grid')
  const rest = given({ dataset: text(call, 'dataset'), backbone: text(call, 'backbone'), weights: text(call, 'weights'), seed: whole(call, 'seed'), pooling: grid === undefined ? undefined : { grid } })
  return { kind: 'activations', ...rest, ...layerField(text(call, 'layers')) }
}

/** `--fit` means its held-out predictions, `--backbone` activations, `--dataset` alone its responses. */
const sourceOf = (call: Call): SourceRequest => {
  const fit = text(call, 'fit')
  if (fit !== undefined) return { kind: 'predicted', fit, ...layerField(text(call, 'layers')), ...(call.flags.raw === true ? { zscore: false } : {}) }
  if (text(call, 'backbone') !== undefined) return activationsOf(call)
  if (text(call, 'dataset') === undefined) throw new UsageError('--dataset (responses), --dataset with --backbone (activations), --fit (predictions) or --request FILE is missing.')
  return responsesOf(call)
}

/** The body of POST /rdms: a file, or the flags. */
export const rdmRequestOf = async (call: Call): Promise<RdmRequest> => {
  const file = text(call, 'request')
  if (file !== undefined) return (await readRequest(file)) as RdmRequest
  return { of: sourceOf(call), ...given({ distance: text(call, 'distance'), noise: text(call, 'noise'), by: text(call, 'by'), name: text(call, 'name') }) }
}

/** The body of POST /cka: a file, or the responses of a dataset against a layer's activations for its images. */
export const ckaRequestOf = async (call: Call): Promise<CkaRequest> => {
  const file = text(call, 'request')
  if (file !== undefined) return (await readRequest(file)) as CkaRequest
  if (text(call, 'dataset') === undefined || text(call, 'backbone') === undefined || text(call, 'layers') === undefined) throw new UsageError('--request FILE, or --dataset, --backbone and --layers with one layer, are missing.')
  return { a: responsesOf(call), b: activationsOf(call), ...given({ by: text(call, 'by') }) }
}
