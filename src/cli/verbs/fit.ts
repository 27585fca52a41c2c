import { activationsBackbone } from '../../domain/activations.ts'
import type { FitScores } from '../../domain/fit-scores.ts'
import type { FitEstimate } from '../../pipeline/estimate.ts'
import type { FitView } from '../../pipeline/fits.ts'
import { putActivations } from '../activations-file.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { print, printJson, tell } from '../output.ts'
import { printScores } from '../print-scores.ts'
import { readRequest } from '../read-request.ts'
import { text, UsageError, whole } from '../verb.ts'
import { waitForFit } from '../wait-for-fit.ts'
import type { Call, Verb } from '../verb.ts'

/** The request: a file, or the flags of the usual fields; flags win. */
const requestOf = async (call: Call): Promise<object> => {
  const file = text(call, 'request')
  const layers = text(call, 'layers')
  const grid = whole(call, 'grid')
  const said = {
    dataset: text(call, 'dataset'),
    backbone: text(call, 'backbone'),
    weights: text(call, 'weights'),
    layers: layers === undefined || layers === 'default' || layers === 'all' ? layers : layers.split(','),
    pooling: grid === undefined ? undefined : { grid },
    protocol: text(call, 'protocol'),
    engine: text(call, 'engine'),
  }
  const request = { ...(file === undefined ? {} : await readRequest(file)), ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) }
  if (Object.keys(request).length === 0) throw new UsageError('--request FILE, or --dataset and --backbone, are missing.')
  return request
}

/** Activations stand for the backbone, and are of one dataset. */
const checkActivations = (call: Call, { dataset, backbone }: { dataset?: unknown; backbone?: unknown }): void => {
  if (text(call, 'activations') === undefined) {
    for (const flag of ['activations-name', 'rows']) if (text(call, flag) !== undefined) throw new UsageError(`--${flag} needs --activations.`)
    return
  }
  if (typeof dataset !== 'string') throw new UsageError('--activations needs --dataset: their rows are its stimuli.')
  if (backbone !== undefined) throw new UsageError('--activations stands for the backbone: leave the backbone out.')
}

/** The request, on the activations of --activations once they are stored. */
const withActivations = async (client: Client, request: { dataset?: unknown }, call: Call): Promise<object> => {
  const input = text(call, 'activations')
  if (input === undefined) return request
  const version = await putActivations(client, { input, name: text(call, 'activations-name'), dataset: request.dataset as string, rows: text(call, 'rows') })
  if (!call.json) print(`activations:${version.name}, sha256 ${version.sha256}`)
  return { ...request, backbone: activationsBackbone(version.name), weights: `sha256:${version.sha256}` }
}

const report = async (client: Client, fit: FitView, call: Call): Promise<void> => {
  const scores = await client.json<FitScores>(`/fits/${fit.id}/scores`)
  const file = text(call, 'predictions')
  const layer = text(call, 'layer') ?? scores.bestLayer?.layer ?? scores.layers[0].layer
  if (file !== undefined) await client.download(`/fits/${fit.id}/predictions?layer=${encodeURIComponent(layer)}`, file)
  if (call.json) return printJson({ ...fit, scores })
  printScores(scores)
  print(`fit ${fit.id}${fit.encoder === null ? '' : `, encoder ${fit.encoder}`}${file === undefined ? '' : `; predictions of ${layer} in ${file}`}`)
}

/** The query of POST /fit that registers the fit, or names the registration that it follows. */
const registering = (call: Call): string => {
  const [register, registration] = [call.flags.register === true, text(call, 'registration')]
  if (register && registration !== undefined) throw new UsageError('--register makes a registration and --registration names one: give one of them.')
  return register ? '?register=true' : registration === undefined ? '' : `?registration=${encodeURIComponent(registration)}`
}

const estimate = async (client: Client, request: object, call: Call): Promise<void> => {
  const { memoryBytes, diskBytes, seconds, fits, warnings, ...rest } = await client.json<FitEstimate>('/fit?dryRun=true', { method: 'POST', json: request })
  if (call.json) return printJson({ memoryBytes, diskBytes, seconds, fits, warnings, ...rest })
  print(`${(memoryBytes / 1e9).toFixed(1)} GB of memory, ${(diskBytes / 1e9).toFixed(1)} GB of disk, about ${Math.ceil(seconds)} s${fits ? '' : '; it does not fit this machine'}`)
  for (const warning of warnings) print(`warning: ${warning}`)
}

export const fit: Verb = {
  usage: `fit --request FILE.json [--wait] [--predictions FILE.npz [--layer L]] [--register | --registration ID] [--dry-run]
  fit --dataset ID --backbone NAME [--layers a,b] [--grid g] [--weights random] [--protocol brain-score] …
  fit --dataset ID --activations FILE.npz|FILE.npy|DIR [--activations-name NAME] [--rows dataset-order] …`,
  summary: 'fit the layers of a backbone, or activations from elsewhere, to a dataset',
  options: {
    ...Object.fromEntries(['request', 'predictions', 'layer', 'dataset', 'backbone', 'weights', 'layers', 'grid', 'protocol', 'registration', 'activations', 'activations-name', 'rows'].map((flag) => [flag, { type: 'string' as const }])),
    wait: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    register: { type: 'boolean' },
  },
  run: async (call) => {
    if (call.words.length > 0) throw new UsageError(`"${call.words[0]}" is not understood.`)
    const wait = call.flags.wait === true
    if (text(call, 'predictions') !== undefined && !wait) throw new UsageError('--predictions needs --wait.')
    const query = registering(call)
    if (call.flags['dry-run'] === true && query !== '') throw new UsageError('A dry run fits nothing, so there is nothing to register.')
    const said = await requestOf(call)
    checkActivations(call, said)
    await withClient(
      call,
      async (client) => {
        const request = await withActivations(client, said, call)
        if (call.flags['dry-run'] === true) return estimate(client, request, call)
        const started = await client.json<FitView>(`/fit${query}`, { method: 'POST', json: request })
        if (started.registration !== null && !call.json) print(`registration ${started.registration.id}, ${started.registration.registeredAt}, sha256 ${started.registration.sha256}`)
        if (wait) return report(client, await waitForFit(client, started.id, call), call)
        if (call.json) printJson(started)
        else print(`fit ${started.id} is queued`)
        tell('A running server works on it; without one, "ventral serve" will.')
      },
      { worker: wait },
    )
  },
}
