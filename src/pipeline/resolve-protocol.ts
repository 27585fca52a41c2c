import type { Pooling } from '../domain/backbone.ts'
import type { DatasetManifest } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { FitRequest, Protocol, ResolvedFit, SelectBy, SplitRequest } from '../domain/fit.ts'
import { choosePopulation } from './choose-sites.ts'
import { invalid } from './refusals.ts'
import { resolveMapping } from './resolve-mapping.ts'

/** What a protocol sets (FORMULAS.md, Protocols); the rest of the request stays the user's. */
export interface Prescribed {
  protocol: Protocol
  split: SplitRequest
  mapping: ResolvedFit['mapping']
  /** the field splits as it splits: near-duplicates may straddle, and the leakage report tells */
  groupDuplicates: false
  selectBy: SelectBy
  /** of the control of that name */
  pixels?: Pooling
}

type Prescribe = (request: FitRequest, manifest: DatasetManifest) => Prescribed

/** What the protocol of a request sets, or null without one. A field that it sets and the user gives too is refused by name. */
export const resolveProtocol = (request: FitRequest, manifest: DatasetManifest): Prescribed | null => {
  const { protocol } = request
  if (protocol === undefined) return null
  if (!isProtocol(protocol)) throw invalid('/protocol', Object.keys(protocols).map((name) => `"${name}"`).join(' or '), protocol)
  for (const field of ['split', 'groupDuplicates'] as const) if (request[field] !== undefined) throw isSet(protocol, field, request[field])
  return protocols[protocol](request, manifest)
}

const isSet = (protocol: Protocol, field: string, found: unknown): VentralError =>
  invalid(`/${field}`, `left out: the protocol "${protocol}" sets it`, found, `${field} is set by the protocol "${protocol}". Leave it out, or leave the protocol out.`)

/**
 * Brain-Score's regression benchmarks: PLS with 25 components, unscaled, in 10 stratified divisions by object. Allowed besides: ridge with
 * a penalty of 1, scikit-learn's loose iteration, and principal components.
 */
const brainScore: Prescribe = ({ mapping = {}, sites }, manifest) => {
  const protocol = 'brain-score'
  const { method = 'pls', solver, pca, ...others } = mapping
  for (const [field, value] of Object.entries(others)) if (value !== undefined) throw isSet(protocol, `mapping/${field}`, value)
  if (method !== 'pls' && method !== 'ridge') throw invalid('/mapping/method', '"pls" or "ridge" under the protocol "brain-score"', method)
  const regions = new Set(choosePopulation(manifest, sites).before.map((j) => manifest.sites[j].region))
  if (regions.size > 1)
    throw new VentralError('choose-sites', `The protocol "brain-score" scores one region at a time; the chosen sites lie in ${[...regions].join(', ')}. Say which with "sites": {"region": …}.`, [
      { pointer: '/sites', expected: 'sites of one region', found: [...regions].join(', ') },
    ])
  const objects = valuesOf(protocol, manifest, 'object_name')
  const single = [...countOf(objects)].filter(([, count]) => count < 2).map(([object]) => object)
  if (single.length > 0)
    throw new VentralError('too-few-stimuli', `The protocol "brain-score" needs at least 2 stimuli of each object; there is one of ${single.join(', ')}.`, [
      { pointer: '/protocol', expected: 'at least 2 stimuli of each object_name', found: single.join(', ') },
    ])
  return {
    protocol,
    split: { scheme: 'stratifiedshufflesplit', splits: 10, seed: 1, trainSize: 0.9, by: 'object_name' },
    mapping: resolveMapping(
      method === 'ridge' ? { method, solver, pca, alphas: [1], alphaUnits: 'absolute', alphaPer: 'all' } : { method, solver, pca, components: 25, yScale: 'none' },
    ),
    groupDuplicates: false,
    selectBy: 'correlation.median',
  }
}

/** 100 penalties from 10^-3 to 10^6, as np.logspace. */
const nx414Alphas = Array.from({ length: 100 }, (_, k) => 10 ** (-3 + (9 * k) / 99))

/** EPFL NX-414: ridge on 1,000 principal components of the training stimuli, one penalty for all sites, scored on a given validation set. */
const nx414: Prescribe = ({ mapping, controls = [] }, manifest) => {
  const protocol = 'nx414'
  if (mapping !== undefined) throw isSet(protocol, 'mapping', mapping)
  controls.forEach((control, i) => {
    if (typeof control === 'object' && control.name === 'pixels' && control.pooling !== undefined) throw isSet(protocol, `controls/${i}/pooling`, control.pooling)
  })
  valuesOf(protocol, manifest, 'object_name')
  if (!manifest.stimuli.some(({ metadata }) => (metadata.split ?? '') !== '')) throw lacks(protocol, manifest, 'split', 'with "train" and "val" for the stimuli')
  const inner = { folds: 5, stratified: { by: 'object_name', seed: 42 } }
  return {
    protocol,
    split: { scheme: 'given', by: 'split' },
    mapping: { method: 'ridge', alphas: nx414Alphas, alphaUnits: 'absolute', alphaPer: 'all', sharedLoss: 'raw', inner, pca: 1000 },
    groupDuplicates: false,
    selectBy: 'explainedVariance.mean',
    pixels: 'none',
  }
}

const protocols: Record<Protocol, Prescribe> = { 'brain-score': brainScore, nx414 }

const isProtocol = (name: string): name is Protocol => Object.hasOwn(protocols, name)

/** Values of a column that every stimulus needs. */
const valuesOf = (protocol: Protocol, manifest: DatasetManifest, column: string): string[] => {
  const values = manifest.stimuli.map(({ metadata }) => metadata[column] ?? '')
  if (values.includes('')) throw lacks(protocol, manifest, column, 'with a value for every stimulus')
  return values
}

const lacks = (protocol: Protocol, { stimuli }: DatasetManifest, column: string, what: string): VentralError => {
  const columns = [...new Set(stimuli.flatMap(({ metadata }) => Object.keys(metadata)))].join(', ')
  return invalid('/protocol', `used with a metadata column "${column}" ${what}`, columns === '' ? 'no columns' : columns, `The protocol "${protocol}" needs the metadata column "${column}" ${what}.`)
}

const countOf = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
