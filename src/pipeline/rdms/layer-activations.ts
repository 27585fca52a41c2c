import type { PlsMapping } from '../../domain/fit.ts'
import type { ActivationsSource } from '../../domain/rdm.ts'
import type { Products } from '../../numerics/products.ts'
import type { PipelineContext } from '../context.ts'
import { spillBytes } from '../disk.ts'
import { readGramFile } from '../gram-file.ts'
import { layerGrams } from '../layer-grams.ts'
import type { GramOptions } from '../layer-grams.ts'
import { openDataset } from '../open-dataset.ts'
import { openSource } from '../open-source.ts'
import { imagesOf } from './representation.ts'
import type { Representation } from './representation.ts'

/** Asks for no more of a Gram matrix than float32 products give: 1e-5 of its scale. One in float64 serves as well. */
const precision: PlsMapping = { method: 'pls', components: 1, yScale: 'none', perSite: false, solver: 'exact', inner: { folds: 2 } }

export interface ActivationsWork {
  products: Products
  /** for spill and large models; whoever made it deletes it */
  folder: string
  signal?: AbortSignal
}

const gramOptions = ({ config, grams: cache }: PipelineContext, { products, folder, signal }: ActivationsWork): GramOptions => ({
  cache,
  products,
  mapping: precision,
  threads: config.threads,
  spillBytes: spillBytes(config, folder),
  folder,
  onProgress: () => undefined,
  signal,
})

/** Runs `work` while the Gram matrices of several layers are at hand, all of them from one pass of the network. */
export const withLayers = async <T>(context: PipelineContext, said: ActivationsSource, layers: readonly string[], options: ActivationsWork, work: () => Promise<T>): Promise<T> => {
  const dataset = await openDataset(context, said.dataset)
  try {
    const held = await layerGrams(await openSource(context, dataset, said, said.pooling), layers, gramOptions(context, options))
    try {
      return await work()
    } finally {
      await Promise.all([...held.values()].map((file) => file.release()))
    }
  } finally {
    dataset.stimuli.close()
  }
}

/**
 * Inner products of a layer's activations for all stimuli of a dataset, from the cache or by running the network; and the source with its
 * weights pinned.
 */
export const layerActivations = async (
  context: PipelineContext,
  said: ActivationsSource,
  work: ActivationsWork,
): Promise<{ source: ActivationsSource; representation: Representation }> => {
  const { layer, pooling } = said
  const dataset = await openDataset(context, said.dataset)
  const { row, manifest } = dataset
  try {
    const source = await openSource(context, dataset, said, pooling)
    const held = (await layerGrams(source, [layer], gramOptions(context, work))).get(layer)!
    const gram = readGramFile(held.path)
    await held.release()
    const representation: Representation = {
      kind: 'activations',
      stimulusIds: manifest.stimuli.map(({ stimulusId }) => stimulusId),
      images: imagesOf(manifest, manifest.stimuli),
      manifest,
      form: { gram: { K: { rows: gram.stimuli, cols: gram.stimuli, data: gram.K }, dotMean: gram.Xmu, meanSquare: gram.muSquared, sums: gram.Xsum, units: gram.units } },
      title: `${source.id} ${layer} for ${row.name}`,
      provenance: {
        dataset: { id: row.id, name: row.name, sha256: row.sha256, source: manifest.source },
        activations: source.identity,
        layer,
        units: gram.units,
        precision: gram.precision,
      },
      warnings: [],
    }
    return { source: source.weights.startsWith('sha256:') ? { ...said, weights: source.weights as ActivationsSource['weights'] } : said, representation }
  } finally {
    dataset.stimuli.close()
  }
}
