import { VentralError } from '../../domain/errors.ts'
import { missingRules } from '../../domain/rdm.ts'
import type { MissingRule, Source, SourceRequest } from '../../domain/rdm.ts'
import { invalid, refuseOthers } from '../refusals.ts'
import { resolvePooling, resolveWeights } from '../resolve-network.ts'

const options: Record<string, readonly string[]> = {
  responses: ['dataset', 'sites', 'zscore', 'missing'],
  activations: ['dataset', 'backbone', 'weights', 'seed', 'layer', 'pooling'],
  predicted: ['fit', 'layer', 'zscore'],
}

const needed = (pointer: string, said: SourceRequest, field: 'dataset' | 'backbone' | 'layer' | 'fit'): string => {
  const value = said[field]
  if (value !== undefined) return value
  throw new VentralError('missing-field', `"${pointer.slice(1)}/${field}" is missing: ${said.kind} are of one.`, [{ pointer: `${pointer}/${field}`, expected: 'a value', found: 'nothing' }])
}

/** A source with every default filled in. Whether its names exist is seen when it is opened. */
export const resolveSource = (said: SourceRequest, pointer = '/of'): Source => {
  const { kind, ...others } = said
  if (!Object.hasOwn(options, kind)) throw invalid(`${pointer}/kind`, '"responses", "activations" or "predicted"', kind)
  refuseOthers(pointer, others, options[kind], kind)
  if (kind === 'activations')
    return {
      kind,
      dataset: needed(pointer, said, 'dataset'),
      backbone: needed(pointer, said, 'backbone'),
      weights: resolveWeights(said.weights, `${pointer}/weights`),
      seed: said.seed ?? 0,
      layer: needed(pointer, said, 'layer'),
      pooling: resolvePooling(`${pointer}/pooling`, said.pooling ?? 'none'),
    }
  const zscore = said.zscore ?? true
  if (kind === 'predicted') return { kind, fit: needed(pointer, said, 'fit'), layer: needed(pointer, said, 'layer'), zscore }
  const missing = (said.missing ?? 'refuse') as MissingRule
  if (!missingRules.includes(missing)) throw invalid(`${pointer}/missing`, missingRules.map((rule) => `"${rule}"`).join(', '), missing)
  return { kind: 'responses', dataset: needed(pointer, said, 'dataset'), sites: said.sites ?? {}, zscore, missing }
}
