import type { FitScores, ResolvedFit } from '../domain/fit.ts'
import type { ReportProgress } from '../domain/progress.ts'
import { splitName } from '../encoding/splits/make-splits.ts'
import { splitsSha256 } from '../encoding/splits/split.ts'
import { createProducts } from '../numerics/products.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import { getFit } from '../storage/repositories/fits.ts'
import type { ActivationSource, SourceFacts } from './activation-source.ts'
import { bandsOf, isJoint } from './bands.ts'
import type { Band } from './bands.ts'
import { divide, fitLayer, tasksPerLayer } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { summariseSeeds } from './controls.ts'
import { brainScoreReport } from './brain-score-report.ts'
import { ceilingReport, ceilingWarnings } from './ceiling-report.ts'
import { corrected, layerDifferences, pixelDifferences, randomDifferences } from './differences.ts'
import { spillBytes } from './disk.ts'
import { networkOfLayer, networksOf } from './fit-networks.ts'
import type { FitNetwork } from './fit-networks.ts'
import { fitBands } from './fit-bands.ts'
import { fitPopulation } from './fit-population.ts'
import type { Population } from './fit-population.ts'
import { storeRecord } from './fit-record.ts'
import { fitWarnings } from './fit-warnings.ts'
import { alsoByRequest } from './generalisation.ts'
import { layerEncoder } from './layer-encoder.ts'
import { bandGrams } from './layer-grams.ts'
import { layerFromLeakage, takenLayer } from './layer-from.ts'
import { crossings, leakageReport } from './leakage.ts'
import { solverThreads } from './memory-estimate.ts'
import { nestedChoice } from './nested-choice.ts'
import { openSource } from './open-source.ts'
import { openDataset } from './open-dataset.ts'
import type { OpenDataset } from './open-dataset.ts'
import { populationLeakage, populationReport } from './population-report.ts'
import { createPermutationTest } from './permutation-test.ts'
import type { PermutationTest } from './permutation-test.ts'
import { isReference } from './reference/check-reference.ts'
import { fitReferenceLayer } from './reference/fit-reference-layer.ts'
import { layerValues } from './reference/layer-values.ts'
import { storePredictions } from './predictions.ts'
import { fitReducedLayer, reducedTasks } from './primal/fit-reduced-layer.ts'
import { reduceLayers } from './primal/reduce-layers.ts'
import { checkComplete, reductionReport, reductionWarnings } from './primal/reduction-report.ts'
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
  const pool = createSolverPool(solverThreads(context.config.threads, context.config.memoryBytes, dataset.manifest.stimuli.length, request.reduction), options.signal)
  try {
    const population = fitPopulation(request, dataset.manifest, await dataset.responses())
    const ceiling = await ceilingReport(pool, population)
    const run: Run = { ...options, context, request, dataset, population, pool }
    const networks = networksOf(request)

    // The fit's own layers on the fit's own split, and on splits that hold out whole groups.
    const division = divide(request.split, dataset.manifest, request)
    const others = request.alsoBy.map((column) => ({ column, division: divide(alsoByRequest(dataset.manifest, column), dataset.manifest, request) }))
    const test = createPermutationTest(pool, request, dataset.manifest, population, division, options.onProgress)
    const { results: [results, ...grouped], sources } = await fitNetworks(run, networks, [division, ...others.map((other) => other.division)], test) // prettier-ignore
    const taken = await takenLayer(context, request)
    const choose = (fitted: LayerResult[], by: Division) => nestedChoice(pool, fitted, population, by, { selectBy: request.selectBy, taken })
    const bestLayer = await choose(results, division)
    const generalisation: FitScores['generalisation'] = {}
    for (const [i, { column, division: by }] of others.entries())
      generalisation[column] = {
        split: splitName(by.request),
        layers: grouped[i].map((result) => result.scores),
        bestLayer: await choose(grouped[i], by),
        leakage: crossings(dataset.manifest, by),
      }

    const { controls, differences } = await runControls(run, division, results.slice(0, request.layers.length))
    const scores: FitScores = {
      split: splitName(request.split),
      population: populationReport(request, population, results),
      ceiling,
      layers: results.map((result) => result.scores),
      generalisation,
      controls,
      bestLayer,
      differences: corrected([...layerDifferences(results, bestLayer.layer, networkOfLayer(networks)), ...differences]),
      ...(test === null ? {} : { permutation: test.result() }),
      ...reductionReport(request, dataset.manifest, results.map((result) => result.scores)),
      leakage: [...leakageReport(request, dataset.manifest, division), ...populationLeakage(request, population), ...(await layerFromLeakage(context, request, taken))],
      protocol: request.protocol ?? null,
      ...brainScoreReport(request, results.map((result) => result.scores), ceiling),
      registration: await followedRegistration(context, row, frozenConditions(request, dataset.row.sha256, sources[0])),
      provenance: provenanceOf(context, request, dataset, sources, { started, splitsSha256: splitsSha256(division.splits) }),
      warnings: [...fitWarnings(request, dataset.manifest, results.map((result) => result.scores), bestLayer, division), ...ceilingWarnings(ceiling)],
    }

    const predictions = await storePredictions(context, dataset.manifest, population, division, results)
    const record = await storeRecord(context, dataset.manifest, population, division)
    const encoderLayer = request.encoder === 'best' ? bestLayer.layer : request.encoder
    const refit = results.find((result) => result.scores.layer === encoderLayer)?.refit
    scores.warnings.push(...reductionWarnings(scores.reduction))
    await pool.close() // its threads' memory is given back before the readout takes its own
    const encoder = refit === undefined ? null : await layerEncoder(run, { fitId, name: encoderLayer, refit, scores })
    const { sha256 } = await context.blobs.put(Buffer.from(JSON.stringify(scores)))
    return { scores: sha256, predictions, record, encoder }
  } finally {
    dataset.stimuli.close()
    await pool.close()
  }
}

/** Fits the layers of all networks under each division: results per division, layer by layer; and what provenance tells of the networks. A permutation test takes the layers of the first division along. */
const fitNetworks = async (run: Run, networks: readonly FitNetwork[], divisions: Division[], test: PermutationTest | null = null): Promise<{ results: LayerResult[][]; sources: SourceFacts[] }> => {
  const { context, request, population, pool, onProgress } = run
  if (request.reduction) checkComplete(population)
  const { mapping } = request
  const bands = bandsOf(networks, mapping)
  const held = new Map<Band, HeldFile>()
  try {
    const sources: SourceFacts[] = []
    for (const network of networks) sources.push(await holdGrams(run, network, bands.filter((band) => band.network === network), held))
    const total = (isJoint(mapping) ? 1 : bands.length) * divisions.reduce((sum, division) => sum + (request.reduction ? reducedTasks : tasksPerLayer)(division), 0)
    let done = 0
    const results: LayerResult[][] = []
    for (const division of divisions) {
      const fitted: LayerResult[] = []
      const onTask = (): void => onProgress({ stage: 'mappings', done: ++done, total })
      if (isJoint(mapping)) fitted.push(await fitBands(pool, { bands, grams: held, mapping }, population, division, onTask))
      else
        for (const band of bands) {
          const { name } = band
          const { path: file } = held.get(band)!
          fitted.push(
            request.reduction
              ? await fitReducedLayer(pool, { layer: name, file, folder: context.home.folders.tmp }, population, mapping, division, onTask)
              : isReference(mapping)
                ? await fitReferenceLayer(pool, { layer: name, file }, population, mapping, division, onTask)
                : await fitLayer(pool, name, held.get(band)!, population, mapping, division, onTask),
          )
        }
      results.push(fitted)
    }
    for (const [k, result] of (test === null ? [] : results[0]).entries()) await test?.addLayer(result, held.get(bands[k])!)
    return { results, sources }
  } finally {
    await Promise.all([...held.values()].map((file) => file.release()))
  }
}

/** Adds the files of a network's bands (Gram matrices, or reduced activations) to `held`. The network itself is let go of: several may be too large to keep. */
const holdGrams = async (run: Run, network: FitNetwork, bands: readonly Band[], held: Map<Band, HeldFile>): Promise<SourceFacts> => {
  const { context, request, dataset, population, onProgress, signal } = run
  const { config, home, grams: cache } = context
  const source = await openSource(context, dataset, network, network.pooling)
  const folder = home.folders.tmp
  const told: ReportProgress = network.name === null ? onProgress : (progress) => onProgress({ ...progress, stage: `${network.name}: ${progress.stage}` })
  const work = { cache, threads: config.threads, folder, onProgress: told, signal }
  if (request.reduction) {
    const files = await reduceLayers(source, network.layers, population.Y.rows, { ...work, reduction: request.reduction })
    for (const band of bands) held.set(band, files.get(band.layer)!)
    return factsOf(source)
  }
  if (isReference(request.mapping)) {
    const files = await layerValues(source, network.layers, { ...work, spillBytes: spillBytes(config, folder) })
    for (const band of bands) held.set(band, files.get(band.layer)!)
    return factsOf(source)
  }
  const products = await createProducts({ threads: config.threads })
  const grams = await bandGrams(source, bands, {
    ...work, products, mapping: request.mapping, spillBytes: spillBytes(config, folder),
  }).finally(() => products.close()) // prettier-ignore
  for (const [band, file] of grams) held.set(band, file)
  return factsOf(source)
}

const factsOf = ({ id, weights, pooling, preprocessing }: ActivationSource): SourceFacts => ({ id, weights, pooling, preprocessing })

/** The controls on the fit's own split, and how far each layer lies over them. */
const runControls = async (run: Run, division: Division, layers: LayerResult[]): Promise<{ controls: FitScores['controls']; differences: ReturnType<typeof layerDifferences> }> => {
  const { request, onProgress } = run
  const controls: FitScores['controls'] = {}
  const differences: ReturnType<typeof layerDifferences> = []
  for (const control of request.controls) {
    const of = (what: string): Run => ({ ...run, onProgress: (progress) => onProgress({ ...progress, stage: `${what}: ${progress.stage}` }) })
    if (control.name === 'pixels') {
      const pixels = { name: null, backbone: 'pixels', weights: 'random' as const, seed: 0, layers: ['pixels'], pooling: control.pooling }
      const { results: [results] } = await fitNetworks(of('pixels'), [pixels], [division]) // prettier-ignore
      controls.pixels = { layers: results.map((result) => result.scores) }
      differences.push(...pixelDifferences(layers, results[0]))
    } else {
      // A joint mapping is compared with the same one on random weights of all its networks.
      const networks = isJoint(request.mapping) ? networksOf(request) : networksOf(request).slice(0, 1)
      const seeds = []
      for (const seed of control.seeds) {
        const { results: [results] } = await fitNetworks(of(`random, seed ${seed}`), networks.map((network) => ({ ...network, weights: 'random' as const, seed })), [division]) // prettier-ignore
        seeds.push({ seed, layers: results.map((result) => result.scores) })
        differences.push(...randomDifferences(layers, seed, results))
      }
      controls.random = { seeds, summary: summariseSeeds(layers.map(({ scores }) => scores), seeds, request.selectBy) }
    }
  }
  return { controls, differences }
}
