import type { ClassificationRequest } from '../../domain/classification.ts'
import { VentralError } from '../../domain/errors.ts'
import type { ResolvedFit } from '../../domain/fit.ts'
import { invalid } from '../refusals.ts'
import { resolveWeights } from '../resolve-network.ts'

/** A request with every default filled in that does not depend on the input or the network. */
export interface ResolvedClassification extends Omit<ClassificationRequest, 'weights' | 'seed' | 'head'> {
  weights: ResolvedFit['weights']
  seed: number
  head: 'own' | 'trained'
  heldOut: number
  test: number
}

/** Options that only a trained head has a use for. */
const ofTrainedHeads = ['layer', 'heldOut', 'test'] as const
/** Options of the crop, which CIFAR's pictures do without. */
const ofCrops = ['resize', 'filter'] as const

const without = (request: ClassificationRequest, options: readonly (keyof ClassificationRequest)[], of: string): void => {
  const option = options.find((one) => request[one] !== undefined)
  if (option !== undefined) throw new VentralError('unknown-field', `${option} means nothing for ${of}: leave it out.`, [{ pointer: `/${option}`, expected: 'nothing', found: String(request[option]) }])
}

const share = (pointer: string, value = 0.2): number => {
  if (!(value > 0 && value < 1)) throw invalid(pointer, 'a share over 0 and under 1', value)
  return value
}

/** Fills in what is not said, for images of that kind, of which `divided` says whether training and test images are given. */
export const resolveClassification = (request: ClassificationRequest, { kind, divided }: { kind: 'images' | 'cifar'; divided: boolean }): ResolvedClassification => {
  const head = request.head ?? (kind === 'cifar' ? 'trained' : 'own')
  if (kind === 'cifar' && head === 'own') throw invalid('/head', '"trained": networks have no classes of CIFAR’s', head)
  if (kind === 'cifar') without(request, ofCrops, 'CIFAR, whose pictures are enlarged whole')
  if (head === 'own') without(request, ofTrainedHeads, 'a network’s own classes')
  if (divided) without(request, ['test'], 'images that are divided into training and test ones already')
  const seed = request.seed ?? 0
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) throw invalid('/seed', 'a whole number from 0 to 4294967295', seed)
  return { ...request, weights: resolveWeights(request.weights), seed, head, heldOut: share('/heldOut', request.heldOut), test: share('/test', request.test) }
}
