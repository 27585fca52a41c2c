import type { FitScores } from '../domain/fit-scores.ts'
import { splitName } from '../encoding/splits/make-splits.ts'
import { splitsSha256 } from '../encoding/splits/split.ts'
import { getFit } from '../storage/repositories/fits.ts'
import { divide } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { runControls } from './controls.ts'
import { brainScoreReport } from './brain-score-report.ts'
import { ceilingReport, ceilingWarnings } from './ceiling-report.ts'
import { corrected, layerDifferences } from './differences.ts'
import { secondEngine, withEngine } from './engine.ts'
import { networkOfLayer, networksOf } from './fit-networks.ts'
import { fitNetworks } from './fit-all-layers.ts'
import { fitPopulation } from './fit-population.ts'
import type { FitOptions, FitRun } from './fit-run.ts'
import { storeRecord } from './fit-record.ts'
import { fitWarnings } from './fit-warnings.ts'
import { alsoByRequest } from './generalisation.ts'
import { layerEncoder } from './layer-encoder.ts'
import { layerFromLeakage, takenLayer } from './layer-from.ts'
import { crossings, leakageReport } from './leakage.ts'
import { solverThreads } from './memory-estimate.ts'
import { nestedChoice } from './nested-choice.ts'
import { openDataset } from './open-dataset.ts'
import { openOffers } from './stored-offer.ts'
import { populationLeakage, populationReport } from './population-report.ts'
import { createPermutationTest } from './permutation-test.ts'
import { storePredictions } from './predictions.ts'
import { reductionReport, reductionWarnings } from './primal/reduction-report.ts'
import { provenanceOf } from './provenance.ts'
import { followedRegistration, frozenConditions } from './registrations.ts'
import { createSolverPool } from './solver-pool.ts'

export interface FitOutcome {
  /** blob of the FitScores as JSON */
  scores: string
  /** layer -> blob of its held-out predictions */
  predictions: Record<string, string>
  /** file name -> blob of what it worked on */
  record: Record<string, string>
  encoder: string | null
}

/**
 * A fit, from stored stimuli and responses to scores, held-out predictions and an encoder. It may be run again after it was
 * killed at any point: Gram matrices found in the cache are not computed again, and the result is the same to the bit.
 */
export const runFit = async (given: PipelineContext, fitId: string, options: FitOptions): Promise<FitOutcome> => {
  const started = new Date()
  const row = await getFit(given.db, fitId)
  const { request } = row
  const context = withEngine(given, request.engine ?? 'onnx')
  const computed = await secondEngine(context.config.engine)
  const dataset = await openDataset(context, request.dataset)
  const pool = createSolverPool(solverThreads(context.config.threads, context.config.memoryBytes, dataset.manifest.stimuli.length, request.reduction), options.signal)
  try {
    const population = fitPopulation(request, dataset.manifest, await dataset.responses())
    const ceiling = await ceilingReport(pool, population)
    const run: FitRun = { ...options, context, request, find: await openOffers(context, request), dataset, population, pool }
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
      registration: await followedRegistration(context, row, frozenConditions(request, dataset.row.sha256, sources[0], computed)),
      provenance: provenanceOf(context, request, dataset, sources, { started, splitsSha256: splitsSha256(division.splits), computed }),
      warnings: [...fitWarnings(request, dataset.manifest, results.map((result) => result.scores), bestLayer, division), ...ceilingWarnings(ceiling)],
    }

    await pool.close() // its threads' memory is given back before predictions and readout take theirs
    const predictions = await storePredictions(context, dataset.manifest, population, division, results)
    const record = await storeRecord(context, dataset.manifest, population, division)
    const encoderLayer = request.encoder === 'best' ? bestLayer.layer : request.encoder
    const refit = results.find((result) => result.scores.layer === encoderLayer)?.refit
    scores.warnings.push(...reductionWarnings(scores.reduction))
    const encoder = refit === undefined ? null : await layerEncoder(run, { fitId, name: encoderLayer, refit, scores })
    const { sha256 } = await context.blobs.put(Buffer.from(JSON.stringify(scores)))
    return { scores: sha256, predictions, record, encoder }
  } finally {
    dataset.stimuli.close()
    await pool.close()
  }
}
