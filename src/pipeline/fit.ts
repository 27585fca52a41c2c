import type { FitScores, LayerScores, ResolvedFit } from '../domain/fit.ts'
import type { ReportProgress } from '../domain/progress.ts'
import { splitName } from '../encoding/splits/make-splits.ts'
import { splitsSha256 } from '../encoding/splits/split.ts'
import { createProducts } from '../numerics/products.ts'
import { getFit } from '../storage/repositories/fits.ts'
import type { ActivationSource } from './activation-source.ts'
import { divide, fitLayer, tasksPerLayer } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { summariseSeeds } from './controls.ts'
import { ceilingReport, ceilingWarnings } from './ceiling-report.ts'
import { buildEncoder } from './encoder.ts'
import { spillBytes } from './disk.ts'
import { fitPopulation } from './fit-population.ts'
import type { Population } from './fit-population.ts'
import { storeRecord } from './fit-record.ts'
import { fitWarnings } from './fit-warnings.ts'
import { alsoByRequest } from './generalisation.ts'
import { layerGrams } from './layer-grams.ts'
import { leakageReport } from './leakage.ts'
import { nestedChoice } from './nested-choice.ts'
import { openSource } from './open-source.ts'
import { openDataset } from './open-dataset.ts'
import type { OpenDataset } from './open-dataset.ts'
import { populationLeakage, populationReport } from './population-report.ts'
import { storePredictions } from './predictions.ts'
import { provenanceOf } from './provenance.ts'
import { followedRegistration, frozenConditions } from './registrations.ts'
import { createSolverPool } from './solver-pool.ts'
import type { SolverPool } from './solver-pool.ts'

export interface FitOutcome {
  /** blob of the FitScores as JSON */
  scores: string
  /** layer -> blob of its held-out predictions */
  predictions: Record<string, string>
  /** file name -> blob of what it worked on */
  record: Record<string, string>
  encoder: string | null
}

export interface FitOptions {
  onProgress: ReportProgress
  signal?: AbortSignal
}

interface Run extends FitOptions {
  context: PipelineContext
  request: ResolvedFit
  dataset: OpenDataset
  population: Population
  pool: SolverPool
}

/**
 * A fit, from stored stimuli and responses to scores, held-out predictions and an encoder. It may be run again after it was
 * killed at any point: Gram matrices found in the cache are not computed again, and the result is the same to the bit.
 */
export const runFit = async (context: PipelineContext, fitId: string, options: FitOptions): Promise<FitOutcome> => {
  const started = new Date()
  const row = await getFit(context.db, fitId)
  const { request } = row
  const dataset = await openDataset(context, request.dataset)
  const pool = createSolverPool(context.config.threads, options.signal)
  try {
    const population = fitPopulation(request, dataset.manifest, await dataset.responses())
    const ceiling = await ceilingReport(pool, population)
    const run: Run = { ...options, context, request, dataset, population, pool }
    const source = await openSource(context, dataset, request, request.pooling)

    // The fit's own layers on the fit's own split, and on splits that hold out whole groups.
    const division = divide(request.split, dataset.manifest, request)
    const others = request.alsoBy.map((column) => ({ column, division: divide(alsoByRequest(dataset.manifest, column), dataset.manifest, request) }))
    const [results, ...grouped] = await fitSource(run, source, request.layers, [division, ...others.map((other) => other.division)])
    const bestLayer = await nestedChoice(pool, results, population, division, request.selectBy)

    const controls = await runControls(run, division, results.map(({ scores }) => scores))
    const scores: FitScores = {
      split: splitName(request.split),
      population: populationReport(request, population, results),
      ceiling,
      layers: results.map((result) => result.scores),
      generalisation: Object.fromEntries(others.map(({ column, division: { request: split } }, i) => [column, { split: splitName(split), layers: grouped[i].map((result) => result.scores) }])),
      controls,
      bestLayer,
      leakage: [...leakageReport(request, dataset.manifest, division), ...populationLeakage(request, population)],
      protocol: null,
      registration: await followedRegistration(context, row, frozenConditions(request, dataset.row.sha256, source)),
      provenance: provenanceOf(context, request, dataset, source, { started, splitsSha256: splitsSha256(division.splits) }),
      warnings: [...fitWarnings(request, dataset.manifest, results.map((result) => result.scores), bestLayer), ...ceilingWarnings(ceiling)],
    }

    const predictions = await storePredictions(context, dataset.manifest, population, division, results)
    const record = await storeRecord(context, dataset.manifest, population, division)
    const encoderLayer = request.encoder === 'best' ? bestLayer.layer : request.encoder
    const refit = results.find((result) => result.scores.layer === encoderLayer)?.refit
    await pool.close() // its threads' memory is given back before the readout takes its own
    const encoder = refit === undefined || source.network === null ? null : await buildEncoder(run, { fitId, network: source.network, layer: encoderLayer, refit, scores })
    const { sha256 } = await context.blobs.put(Buffer.from(JSON.stringify(scores)))
    return { scores: sha256, predictions, record, encoder }
  } finally {
    dataset.stimuli.close()
    await pool.close()
  }
}

/** Fits the layers of one source under each division: results per division, layer by layer. */
const fitSource = async (run: Run, source: ActivationSource, layers: readonly string[], divisions: Division[]): Promise<LayerResult[][]> => {
  const { context, request, population, pool, onProgress, signal } = run
  const { config, home, grams: cache } = context
  const products = await createProducts({ threads: config.threads })
  const folder = home.folders.tmp
  const grams = await layerGrams(source, layers, {
    cache, products, mapping: request.mapping, threads: config.threads, spillBytes: spillBytes(config, folder), folder, onProgress, signal,
  }).finally(() => products.close()) // prettier-ignore
  try {
    const total = layers.length * divisions.reduce((sum, division) => sum + tasksPerLayer(division), 0)
    let done = 0
    const results: LayerResult[][] = []
    for (const division of divisions) {
      const fitted: LayerResult[] = []
      for (const layer of layers)
        fitted.push(await fitLayer(pool, layer, grams.get(layer)!, population, request.mapping, division, () => onProgress({ stage: 'mappings', done: ++done, total })))
      results.push(fitted)
    }
    return results
  } finally {
    await Promise.all([...grams.values()].map((file) => file.release()))
  }
}

const runControls = async (run: Run, division: Division, layers: LayerScores[]): Promise<FitScores['controls']> => {
  const { context, request, dataset, onProgress } = run
  const controls: FitScores['controls'] = {}
  for (const control of request.controls) {
    const of = (what: string): Run => ({ ...run, onProgress: (progress) => onProgress({ ...progress, stage: `${what}: ${progress.stage}` }) })
    if (control.name === 'pixels') {
      const source = await openSource(context, dataset, { backbone: 'pixels', weights: 'random', seed: 0 }, control.pooling)
      const [results] = await fitSource(of('pixels'), source, ['pixels'], [division])
      controls.pixels = { layers: results.map((result) => result.scores) }
    } else {
      const seeds = []
      for (const seed of control.seeds) {
        const source = await openSource(context, dataset, { ...request, weights: 'random', seed }, request.pooling)
        const [results] = await fitSource(of(`random, seed ${seed}`), source, request.layers, [division])
        seeds.push({ seed, layers: results.map((result) => result.scores) })
      }
      controls.random = { seeds, summary: summariseSeeds(layers, seeds, request.selectBy) }
    }
  }
  return controls
}
