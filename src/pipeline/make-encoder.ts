import { VentralError } from '../domain/errors.ts'
import { createProducts } from '../numerics/products.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import { isJoint } from './bands.ts'
import type { Band } from './bands.ts'
import { divide } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { withEngine } from './engine.ts'
import { refitLayer } from './fit-folds.ts'
import { bandsProblem } from './fit-bands.ts'
import { fitPopulation } from './fit-population.ts'
import type { Population } from './fit-population.ts'
import { fitScores, getFit } from './fits.ts'
import { keepRefit } from './keep-sites.ts'
import { layerEncoder, resultBands } from './layer-encoder.ts'
import { bandGrams } from './layer-grams.ts'
import { openDataset } from './open-dataset.ts'
import type { OpenDataset } from './open-dataset.ts'
import { openSource } from './open-source.ts'
import { openOffers } from './stored-offer.ts'
import { readLayer } from './read-layer.ts'
import { refitReduced } from './primal/refit-reduced.ts'
import { isReference } from './reference/check-reference.ts'
import { createSolverPool } from './solver-pool.ts'
import type { SolverPool } from './solver-pool.ts'
import type { RefitOutput } from './solver-tasks.ts'

const quiet = (): void => undefined

/** Encoder of one result of a finished fit: the refit on all stimuli, repeated from the Gram matrices, then its readout. */
export const makeEncoder = async (given: PipelineContext, fitId: string, layer: string): Promise<string> => {
  const { request } = await getFit(given, fitId)
  const context = withEngine(given, request.engine ?? 'onnx')
  if (isReference(request.mapping)) throw new VentralError('invalid-value', `Fit "${fitId}" was made by the solver "reference", which checks scores and makes no encoder. Fit without it.`)
  const scores = await fitScores(context, fitId)
  const dataset = await openDataset(context, request.dataset)
  const find = await openOffers(context, request)
  const pool = createSolverPool(1)
  try {
    const population = fitPopulation(request, dataset.manifest, await dataset.responses())
    const alphas = scores.layers.find((scored) => scored.layer === layer)!.sites.map(({ alpha }) => alpha ?? NaN)
    const refit = await repeatRefit({ context, request, dataset, population, pool }, resultBands(request, layer, find), alphas)
    await pool.close() // its threads' memory is given back before the readout takes its own
    const id = await layerEncoder({ context, request, find, dataset, population, onProgress: quiet }, { fitId, name: layer, refit, scores })
    if (id === null) throw new VentralError('does-not-fit', scores.warnings.at(-1)!)
    return id
  } finally {
    dataset.stimuli.close()
    await pool.close()
  }
}

interface Work {
  context: PipelineContext
  request: ResolvedFit
  dataset: OpenDataset
  population: Population
  pool: SolverPool
}

/** The refit of a result's bands; one of reduced activations at the penalties that its scores state. */
const repeatRefit = async ({ context, request, dataset, population, pool }: Work, bands: readonly Band[], alphas: number[]): Promise<RefitOutput> => {
  const { config, home, grams: cache } = context
  const { mapping, reduction } = request
  const folder = home.folders.tmp
  const division = divide(request.split, dataset.manifest, request)
  const [{ layer, network: first }] = bands
  const options = { cache, threads: config.threads, spillBytes: spillBytes(config, folder), folder, onProgress: quiet }
  if (reduction && !isJoint(mapping)) {
    const source = await openSource(context, dataset, first, first.pooling, request.placement)
    return refitReduced(pool, { source, layer, Y: population.Y, mapping, division, alphas }, { ...options, reduction })
  }
  const held = new Map<Band, HeldFile>()
  const products = await createProducts({ threads: config.threads })
  try {
    for (const network of new Set(bands.map((band) => band.network))) {
      const source = await openSource(context, dataset, network, network.pooling, request.placement)
      for (const [band, file] of await bandGrams(source, bands.filter((band) => band.network === network), { ...options, products, mapping })) held.set(band, file)
    }
    if (isJoint(mapping)) {
      const problem = bandsProblem({ bands, grams: held, mapping }, population, division)
      return keepRefit(await pool.run('jointRefit', { ...problem, rows: division.rows }), population.fitted.keep)
    }
    const { K, X } = readLayer(held.get(bands[0])!, mapping)
    return keepRefit(await refitLayer(pool, { K, X, Y: population.fitted.Y, normalise: population.normalise, mapping }, division), population.fitted.keep)
  } finally {
    await products.close()
    await Promise.all([...held.values()].map((file) => file.release()))
  }
}
