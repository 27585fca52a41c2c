import type { Pooling } from '../../domain/backbone.ts'
import { writeActivations } from '../../pipeline/activations.ts'
import type { ActivationsRequest } from '../../pipeline/activations.ts'
import { openContext } from '../../pipeline/context.ts'
import { findOwner } from '../../storage/home.ts'
import { print, printJson } from '../output.ts'
import { createProgress } from '../progress-bar.ts'
import { needed, oneWord, text, UsageError, whole } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'
import { storedActions } from './stored-activations.ts'

const requestOf = (call: Call): ActivationsRequest => {
  const grid = whole(call, 'grid')
  const [layer, layers] = [text(call, 'layer'), text(call, 'layers')]
  if (layer !== undefined && layers !== undefined) throw new UsageError('--layer names one layer, --layers several: give one of the two.')
  const backbone = needed(call, 'backbone')
  return {
    input: oneWord(call, 'input'),
    backbone,
    layers: layer !== undefined ? [layer] : layers === undefined || layers === 'default' ? 'default' : layers === 'all' ? 'all' : layers.split(','),
    timeStep: text(call, 'time-step') === 'all' ? 'all' : whole(call, 'time-step'),
    out: text(call, 'out') ?? `activations-${backbone}`,
    pooling: (grid === undefined ? 'none' : { grid }) satisfies Pooling,
    weights: (text(call, 'weights') ?? 'pretrained') as ActivationsRequest['weights'],
    seed: whole(call, 'seed') ?? 0,
  }
}

export const activations: Verb = {
  usage: `activations INPUT --backbone NAME [--layer a | --layers a,b|default|all] [--time-step t|all] [--out DIR] [--grid g] [--weights random|sha256:… --seed 0] [--engine onnx|tfjs]
  activations put NAME FILE --dataset ID [--rows dataset-order]
  activations list [--dataset ID] | show NAME | rm NAME [--dataset ID]`,
  summary: 'write activations of an image, folder, zip or .npy tensor as DIR/LAYER.npy, with the names of the rows in DIR/rows.csv; store, list or delete those from elsewhere (.npz, .npy, DIR)',
  options: { ...Object.fromEntries(['backbone', 'layer', 'layers', 'time-step', 'out', 'grid', 'weights', 'seed', 'dataset', 'rows'].map((flag) => [flag, { type: 'string' as const }])) },
  run: async (call) => {
    const [action, ...words] = call.words
    // A folder may be named as an action is: with a backbone it is one.
    if (text(call, 'backbone') === undefined && Object.hasOwn(storedActions, action ?? '')) return storedActions[action]({ ...call, words })
    for (const flag of ['dataset', 'rows']) if (text(call, flag) !== undefined) throw new UsageError(`--${flag} belongs to activations put, list and rm.`)
    const request = requestOf(call)
    // Arrays go to this machine's disk, not over HTTP; beside a running server only its database is shared.
    const context = await openContext(call.config, { attach: (await findOwner(call.config.home)) !== null })
    const progress = createProgress({ quiet: call.json })
    try {
      const result = await writeActivations(context, request, { onProgress: progress.show, signal: call.signal })
      progress.stop()
      if (call.json) printJson(result)
      else for (const { path, shape } of result.files) print(`${path}  ${shape.join('x')}`)
    } finally {
      progress.stop()
      await context.close()
    }
  },
}
