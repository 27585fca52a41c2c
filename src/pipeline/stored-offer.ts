import { activationsBackbone, activationsName } from '../domain/activations.ts'
import type { ActivationsVersion, StoredLayer } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import type { FitRequest } from '../domain/fit.ts'
import { pooledShape, sizeOf } from '../models/shapes.ts'
import { versionsOf } from '../storage/repositories/activations.ts'
import type { PipelineContext } from './context.ts'
import type { LayerSize } from './layer-groups.ts'
import { modelName } from '../domain/given-model.ts'
import { openModel } from './models.ts'
import { findNetwork, networkOffer } from './offer.ts'
import type { FindOffer, Offer, SaidNetwork } from './offer.ts'
import { invalid } from './refusals.ts'
import { resolvePooling } from './resolve-network.ts'

/** A layer of stored activations. Throws `unknown-layer`. */
export const findStored = ({ name, layers }: Pick<ActivationsVersion, 'name' | 'layers'>, layer: string, pointer = '/layers'): StoredLayer => {
  const found = layers.find((candidate) => candidate.name === layer)
  if (found !== undefined) return found
  const names = layers.map((candidate) => candidate.name).join(', ')
  throw new VentralError('unknown-layer', `The activations "${name}" have no layer "${layer}"; they have ${names}.`, [{ pointer, expected: names, found: layer }])
}

/** Units of stored layers after pooling. */
export const storedSizes = (version: ActivationsVersion, layers: readonly string[], pooling: Pooling): LayerSize[] =>
  layers.map((layer) => {
    const { shape, type } = findStored(version, layer)
    return { layer, units: sizeOf(pooledShape(shape, pooling)), ...(type === 'f8' ? { exact: true } : {}) }
  })

const layersOf = (version: ActivationsVersion, asked: FitRequest['layers'] = 'all', pointer: string): string[] => {
  // Whoever stored them chose them: all are the default.
  if (asked === 'default' || asked === 'all') return version.layers.map(({ name }) => name)
  if (asked.length === 0) throw invalid(pointer, 'at least one layer', asked)
  for (const [i, layer] of asked.entries()) {
    findStored(version, layer, pointer)
    if (asked.indexOf(layer) !== i) throw invalid(`${pointer}/${i}`, 'named once', layer)
  }
  return asked
}

/** Only what has a height and a width can be averaged over them. */
const poolingOf = (version: ActivationsVersion, layers: readonly string[], said: Pooling | undefined, pointer: string): Pooling => {
  const pooling = resolvePooling(pointer, said ?? 'none')
  const flat = layers.find((layer) => findStored(version, layer).shape.length !== 3)
  if (pooling === 'none' || flat === undefined) return pooling
  throw invalid(pointer, `"none"`, pooling, `"${flat}" of the activations "${version.name}" is stimulus x ${findStored(version, flat).shape.join(' x ')}, without a height and a width to pool over. Leave "pooling" out, or store stimulus x C x H x W.`)
}

const refuseSaid = ({ name }: ActivationsVersion, { weights, seed = 0 }: SaidNetwork, pointer: string): void => {
  if (weights !== undefined && !weights.startsWith('sha256:'))
    throw invalid(`${pointer}/weights`, 'left out for the latest version, or "sha256:…" of a version', weights, `The activations "${name}" come from elsewhere: there is no network here whose weights could be ${weights}. Leave "weights" out, or say the sha256 of a version.`)
  if (seed !== 0) throw invalid(`${pointer}/seed`, 'left out', seed, `A seed means nothing for the activations "${name}": leave it out.`)
}

const storedOffer = (version: ActivationsVersion): Offer => ({
  id: activationsBackbone(version.name),
  graph: null,
  choose: (said, pointer) => {
    refuseSaid(version, said, pointer)
    const layers = layersOf(version, said.layers, `${pointer}/layers`)
    return { backbone: activationsBackbone(version.name), weights: `sha256:${version.sha256}`, seed: 0, layers, pooling: poolingOf(version, layers, said.pooling, `${pointer}/pooling`) }
  },
  sizes: (layers, pooling) => storedSizes(version, layers, pooling),
  shape: () => null,
})

/** The version that a request means: the latest, or that with the sha256. Throws `unknown-backbone` where there is none for the dataset. */
export const findVersion = async ({ db }: Pick<PipelineContext, 'db'>, dataset: string, { backbone, weights }: Pick<SaidNetwork, 'backbone' | 'weights'>, pointer = ''): Promise<ActivationsVersion> => {
  const name = activationsName(backbone)!.normalize('NFC')
  const versions = await versionsOf(db, name)
  const own = versions.filter((version) => version.dataset === dataset)
  const version = weights?.startsWith('sha256:') ? own.find(({ sha256 }) => `sha256:${sha256}` === weights) : own[0]
  if (version !== undefined) return version
  if (own.length > 0)
    throw new VentralError('unknown-backbone', `The activations "${name}" have no version ${weights!}. GET /activations/${encodeURIComponent(name)} lists those that are here.`, [
      { pointer: `${pointer}/weights`, expected: 'sha256 of a version', found: weights! },
    ])
  const others = [...new Set(versions.map((version) => version.dataset))]
  const why = others.length === 0 ? `There are no activations "${name}"` : `The activations "${name}" belong to dataset ${others.slice(0, 3).join(', ')}, whose stimuli their rows are, and not to ${dataset}`
  throw new VentralError('unknown-backbone', `${why}. PUT /activations/${encodeURIComponent(name)}?dataset=${dataset} stores them for this one.`, [
    { pointer: `${pointer}/backbone`, expected: `activations of dataset ${dataset}`, found: backbone },
  ])
}

/** What a request on a dataset names: backbones; users' own models and the versions of activations from elsewhere, which are looked up here. */
export const openOffers = async (
  context: Pick<PipelineContext, 'db' | 'blobs'>,
  { dataset, alongside = [], ...own }: Pick<FitRequest, 'dataset' | 'backbone' | 'weights'> & { alongside?: readonly SaidNetwork[] },
): Promise<FindOffer> => {
  const keyOf = ({ backbone, weights }: Pick<SaidNetwork, 'backbone' | 'weights'>): string => JSON.stringify([backbone, weights])
  const versions = new Map<string, ActivationsVersion>()
  const models = new Map<string, Offer>()
  for (const [i, said] of [own, ...alongside].entries()) {
    const pointer = i === 0 ? '' : `/alongside/${i - 1}`
    if (activationsName(said.backbone) !== null) {
      const version = await findVersion(context, dataset, said, pointer)
      // As it was said, and as it stands in the resolved request.
      for (const name of [said, { backbone: activationsBackbone(version.name), weights: `sha256:${version.sha256}` }]) versions.set(keyOf(name), version)
    }
    if (modelName(said.backbone) !== null && !models.has(said.backbone)) models.set(said.backbone, networkOffer(await openModel(context, said.backbone, `${pointer}/backbone`)))
  }
  return (said, pointer) => {
    const version = versions.get(keyOf(said))
    return version === undefined ? (models.get(said.backbone) ?? findNetwork(said, pointer)) : storedOffer(version)
  }
}
