import { VentralError } from '../domain/errors.ts'
import { createProducts } from '../numerics/products.ts'
import { divide } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { refitLayer } from './fit-folds.ts'
import { namedLayers, networksOf } from './fit-networks.ts'
import { fitPopulation } from './fit-population.ts'
import { fitScores, getFit } from './fits.ts'
import { readGramFile } from './gram-file.ts'
import { keepRefit } from './keep-sites.ts'
import { layerEncoder } from './layer-encoder.ts'
import { layerGrams } from './layer-grams.ts'
import { openDataset } from './open-dataset.ts'
import { openSource } from './open-source.ts'
import { refitReduced } from './primal/refit-reduced.ts'
import { isReference } from './reference/check-reference.ts'
import { createSolverPool } from './solver-pool.ts'
import type { RefitOutput } from './solver-tasks.ts'

const quiet = (): void => undefined

/** Encoder of one layer of a finished fit: the refit on all stimuli, repeated from the layer's Gram matrix, then its readout. */
export const makeEncoder = async (context: PipelineContext, fitId: string, layer: string): Promise<string> => {
  const { config, home, grams: cache } = context
  const { request } = await getFit(context, fitId)
  if (isReference(request.mapping)) throw new VentralError('invalid-value', `Fit "${fitId}" was made by the solver "reference", which checks scores and makes no encoder. Fit without it.`)
  const scores = await fitScores(context, fitId)
  const dataset = await openDataset(context, request.dataset)
  const pool = createSolverPool(1)
  const products = await createProducts({ threads: config.threads })
  try {
    const population = fitPopulation(request, dataset.manifest, await dataset.responses())
    const { layer: own, network } = namedLayers(networksOf(request)).find(({ name }) => name === layer)!
    const source = await openSource(context, dataset, network, network.pooling)
    const folder = home.folders.tmp
    const options = { cache, products, mapping: request.mapping, threads: config.threads, spillBytes: spillBytes(config, folder), folder, onProgress: quiet }
    const division = divide(request.split, dataset.manifest, request)
    const refitDual = async (): Promise<RefitOutput> => {
      const file = (await layerGrams(source, [own], options)).get(own)!
      const gram = readGramFile(file.path)
      await file.release()
      const K = { rows: gram.stimuli, cols: gram.stimuli, data: gram.K } // (stimulus x stimulus)
      return keepRefit(await refitLayer(pool, { K, Y: population.fitted.Y, normalise: population.normalise, mapping: request.mapping }, division), population.fitted.keep)
    }
    const { sites } = scores.layers.find((scored) => scored.layer === layer)!
    const refit = request.reduction
      ? await refitReduced(pool, { source, layer: own, Y: population.Y, mapping: request.mapping, division, alphas: sites.map(({ alpha }) => alpha ?? NaN) }, { ...options, reduction: request.reduction })
      : await refitDual()
    const work = { context, request, dataset, population, onProgress: quiet }
    const id = await layerEncoder(work, { fitId, name: layer, refit, scores })
    if (id === null) throw new VentralError('does-not-fit', scores.warnings.at(-1)!)
    return id
  } finally {
    dataset.stimuli.close()
    await products.close()
    await pool.close()
  }
}
