import type { PlsMapping } from '../../domain/fit.ts'
import type { ActivationsSource } from '../../domain/rdm.ts'
import type { Products } from '../../numerics/products.ts'
import type { PipelineContext } from '../context.ts'
import { spillBytes } from '../disk.ts'
import { readGramFile } from '../gram-file.ts'
import { layerGrams } from '../layer-grams.ts'
import { openDataset } from '../open-dataset.ts'
import { openSource } from '../open-source.ts'
import type { Representation } from './representation.ts'

/** Asks for no more of a Gram matrix than float32 products give: 1e-5 of its scale. One in float64 serves as well. */
const precision: PlsMapping = { method: 'pls', components: 1, yScale: 'none', perSite: false, solver: 'exact', inner: { folds: 2 } }

export interface ActivationsWork {
  products: Products
  /** for spill and large models; whoever made it deletes it */
  folder: string
  signal?: AbortSignal
}

/**
 * Inner products of a layer's activations for all stimuli of a dataset, from the cache or by running the network; and the source with its
 * weights pinned.
 */
export const layerActivations = async (
  context: PipelineContext,
  said: ActivationsSource,
  { products, folder, signal }: ActivationsWork,
): Promise<{ source: ActivationsSource; representation: Representation }> => {
  const { config, grams: cache } = context
  const { layer, pooling } = said
  const dataset = await openDataset(context, said.dataset)
  const { row, manifest } = dataset
  try {
    const source = await openSource(context, dataset, said, pooling)
    const options = { cache, products, mapping: precision, threads: config.threads, spillBytes: spillBytes(config, folder), folder, onProgress: () => undefined, signal }
    const held = (await layerGrams(source, [layer], options)).get(layer)!
    const gram = readGramFile(held.path)
    await held.release()
    const representation: Representation = {
      kind: 'activations',
      stimulusIds: manifest.stimuli.map(({ stimulusId }) => stimulusId),
      images: manifest.stimuli.map(({ sha256 }) => sha256),
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
