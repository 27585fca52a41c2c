import { VentralError } from '../domain/errors.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { FitScores, LeakageEntry } from '../domain/fit-scores.ts'
import { getDataset } from '../storage/repositories/datasets.ts'
import { getFit } from '../storage/repositories/fits.ts'
import type { FitRow } from '../storage/repositories/fits.ts'
import type { PipelineContext } from './context.ts'
import { networksOf, namedLayers } from './fit-networks.ts'
import { readManifest } from './open-dataset.ts'
import { invalid } from './refusals.ts'

/** The layer that another dataset's fit preferred. */
export interface TakenLayer {
  layer: string
  from: string
}

const POINTER = '/layerFrom'

/**
 * The layer that `layerFrom` means, or null where the request names none. Refused where nothing was held apart (a fit of the same data),
 * where the other fit has not finished, or where its layer is none of this fit's. Finished fits do not change: asked again, it is the same.
 */
export const takenLayer = async (context: PipelineContext, request: ResolvedFit): Promise<TakenLayer | null> => {
  const { layerFrom: from } = request
  if (from === undefined) return null
  const fit = await otherFit(context, from)
  const [own, other] = [await getDataset(context.db, request.dataset), await getDataset(context.db, fit.dataset)]
  if (own.id === other.id || own.sha256 === other.sha256)
    throw invalid(POINTER, 'a fit of another dataset', from, `Fit "${from}" is of the same data as this one, so its layer was chosen on the very responses that would be scored. Leave "layerFrom" out: bestLayer.nested chooses the layer honestly within one dataset.`)
  if (fit.backbone !== request.backbone)
    throw invalid(POINTER, `a fit of ${request.backbone}`, from, `Fit "${from}" is of ${fit.backbone}, whose layers are not those of ${request.backbone}.`)
  const layer = ((JSON.parse((await context.blobs.read(fit.scores!)).toString())) as FitScores).bestLayer?.layer
  const layers = namedLayers(networksOf(request)).map(({ name }) => name)
  if (layer === undefined || !layers.includes(layer))
    throw invalid(POINTER, `a fit whose best layer is one of ${layers.join(', ')}`, layer ?? 'no layer', layer === undefined ? `Fit "${from}" could not choose a layer.` : `Fit "${from}" prefers ${layer}, which this fit does not have: name it in "layers".`)
  return { layer, from }
}

const otherFit = async ({ db }: PipelineContext, id: string): Promise<FitRow> => {
  const fit = await getFit(db, id).catch((error: unknown) => {
    throw error instanceof VentralError && error.code === 'not-found' ? invalid(POINTER, 'the id of a fit', id, error.message) : error
  })
  if (fit.status === 'succeeded') return fit
  throw new VentralError('fit-not-finished', `Fit "${id}" is ${fit.status}, so it prefers no layer. layerFrom takes a fit that has succeeded.`, [{ pointer: POINTER, expected: 'a fit that has succeeded', found: fit.status }])
}

/** What a layer from elsewhere means for the rows it was chosen on, images that both datasets show included. */
export const layerFromLeakage = async (context: PipelineContext, request: ResolvedFit, taken: TakenLayer | null): Promise<LeakageEntry[]> => {
  if (taken === null) return []
  const fit = await getFit(context.db, taken.from)
  const [own, other] = await Promise.all([request.dataset, fit.dataset].map(async (id) => (await readManifest(context, await getDataset(context.db, id))).stimuli))
  const known = new Set(other.map(({ sha256 }) => sha256))
  const common = own.filter(({ sha256 }) => sha256 !== '' && known.has(sha256)).length
  return [
    {
      what: 'choice of layer (bestLayer.score)',
      rows: `none of this dataset: taken from fit ${taken.from} of dataset ${fit.dataset}${common === 0 ? '' : `, which shows ${common} of the same images to its own sites`}`,
      severity: common === 0 ? 'none' : 'note',
    },
  ]
}
