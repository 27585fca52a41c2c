import type { Pooling } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import type { FitRequest, NamedNetwork, ResolvedFit } from '../domain/fit.ts'
import { invalid } from './refusals.ts'
import type { FindOffer, Offer, SaidNetwork } from './offer.ts'

type Entry = NonNullable<FitRequest['alongside']>[number]

/**
 * The name of a network alongside: its backbone, then what sets it apart from the published weights under the fit's own pooling, each
 * part by itself, so that a name does not depend on what else is in the list. `squeezenet1_1/grid2`, `alexnet/random-3`, `vgg16/unpooled`.
 */
const nameOf = ({ backbone, weights, seed, pooling }: Omit<NamedNetwork, 'name' | 'layers'>, own: Pooling): string =>
  [
    backbone,
    ...(samePooling(pooling, own) ? [] : [pooling === 'none' ? 'unpooled' : `grid${pooling.grid}`]),
    ...(weights === 'pretrained' ? [] : [weights === 'random' ? `random-${seed}` : weights.slice('sha256:'.length).slice(0, 12)]),
  ].join('/')

/** Stored activations have no pooling to share and no published weights: a version or a grid is in the name where the request says one. */
const storedName = ({ backbone, weights, pooling }: Omit<NamedNetwork, 'name' | 'layers'>, said: Pick<SaidNetwork, 'weights'>): string =>
  [backbone, ...(pooling === 'none' ? [] : [`grid${pooling.grid}`]), ...(said.weights === undefined ? [] : [weights.slice('sha256:'.length).slice(0, 12)])].join('/')

/** What a network is called beside others: by what sets it apart. */
export const networkName = ({ graph }: Pick<Offer, 'graph'>, network: Omit<NamedNetwork, 'name' | 'layers'>, said: Pick<SaidNetwork, 'weights'>, own: Pooling): string =>
  graph === null ? storedName(network, said) : nameOf(network, own)

const samePooling = (a: Pooling, b: Pooling): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The networks alongside with their defaults: all weights published, the fit's own pooling, the default layers. Throws `invalid-value`. */
export const resolveAlongside = (entries: readonly Entry[] = [], own: Pick<ResolvedFit, 'backbone' | 'weights' | 'seed' | 'pooling'>, find: FindOffer): NamedNetwork[] => {
  const networks = entries.map((entry, i): NamedNetwork => {
    const pointer = `/alongside/${i}`
    const offer = find(entry, pointer)
    const network = offer.choose(entry, pointer, own.pooling)
    return { name: networkName(offer, network, entry, own.pooling), ...network }
  })
  for (const [i, { name, backbone, weights, seed, pooling }] of networks.entries()) {
    if (networks.findIndex((other) => other.name === name) !== i) throw invalid(`/alongside/${i}`, 'a network named once: put all its layers into one entry', name)
    if (backbone === own.backbone && weights === own.weights && samePooling(pooling, own.pooling) && (weights !== 'random' || seed === own.seed))
      throw new VentralError('invalid-value', `alongside/${i} is the fit's own network: put its layers into "layers".`, [
        { pointer: `/alongside/${i}`, expected: 'another network, other weights or another pooling', found: name },
      ])
  }
  return networks
}
