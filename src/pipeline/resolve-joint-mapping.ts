import type { JointMapping } from '../domain/banded.ts'
import type { DatasetManifest } from '../domain/dataset.ts'
import type { FitRequest } from '../domain/fit.ts'
import { invalid } from './refusals.ts'

/** 10^-4 … 10^4 by half decades, relative to the mean eigenvalue of the sum. */
export const jointAlphas = Array.from({ length: 17 }, (_, i) => 10 ** (-4 + i / 2))

/** Each candidate costs a decomposition per fold. */
const MAX_DRAWS = 1000
const MAX_WINDOWS = 8

type Options = Omit<NonNullable<FitRequest['mapping']>, 'method' | 'inner' | 'alphas'>

/** The options of the mappings `banded` and `auto` with their defaults. Throws `invalid-value`. */
export const resolveJointMapping = (method: 'banded' | 'auto', options: Options, shared: Pick<JointMapping, 'alphas' | 'inner'>): JointMapping => {
  if (method === 'auto') return { method, windows: wholeWithin('/mapping/windows', options.windows ?? 4, MAX_WINDOWS), ...shared }
  const { weights, candidates, seed, weightsPer } = options
  if (weights !== undefined)
    for (const [option, value] of Object.entries({ candidates, seed, weightsPer }))
      if (value !== undefined) throw invalid(`/mapping/${option}`, 'left out where "weights" are given: there is nothing to search for', value)
  return {
    method,
    weights: weights ?? null,
    candidates: weights === undefined ? { draws: wholeWithin('/mapping/candidates', candidates ?? 50, MAX_DRAWS), seed: seed ?? 0 } : null,
    weightsPer: weightsPer ?? 'site',
    alphaPer: options.alphaPer ?? 'site',
    ...shared,
  }
}

const wholeWithin = (pointer: string, value: number, most: number): number => {
  if (!Number.isInteger(value) || value < 0 || value > most) throw invalid(pointer, `a whole number from 0 to ${most}`, value)
  return value
}

/** What a joint mapping cannot do is refused with advice; and its given weights must fit the layers. */
export const checkJoint = (mapping: JointMapping, { layerFrom }: FitRequest, { normalise }: DatasetManifest, layers: readonly string[]): void => {
  if (layerFrom !== undefined) throw invalid('/layerFrom', `left out for the mapping "${mapping.method}", which takes all layers together`, layerFrom)
  if (normalise != null)
    throw invalid('/mapping/method', 'ridge, linear or pls, for responses that are normalised per session', mapping.method, `The mapping "${mapping.method}" does not normalise responses within folds. Ask for ridge, or import the data without "normalise".`)
  checkGivenWeights(mapping, layers)
}

/** Given weights must name every layer of the fit, no other, and not all be 0. */
const checkGivenWeights = (mapping: JointMapping, layers: readonly string[]): void => {
  if (mapping.method !== 'banded' || mapping.weights === null) return
  const { weights } = mapping
  for (const name of layers) if (!Object.hasOwn(weights, name)) throw invalid('/mapping/weights', `a weight for each fitted layer (${layers.join(', ')})`, `none for ${name}`)
  for (const [name, weight] of Object.entries(weights)) {
    if (!layers.includes(name)) throw invalid('/mapping/weights', `weights of the fitted layers (${layers.join(', ')})`, name)
    if (!(weight >= 0) || !Number.isFinite(weight)) throw invalid(`/mapping/weights/${name}`, 'a number of at least 0', weight)
  }
  if (Object.values(weights).every((weight) => weight === 0)) throw invalid('/mapping/weights', 'at least one weight over 0', weights)
}
