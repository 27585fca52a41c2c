import type { ReportProgress } from '../domain/progress.ts'
import { createProducts } from '../numerics/products.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import type { ActivationSource, SourceFacts } from './activation-source.ts'
import { bandsOf, isJoint } from './bands.ts'
import type { Band } from './bands.ts'
import { fitLayer, tasksPerLayer } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import { spillBytes } from './disk.ts'
import { fitBands } from './fit-bands.ts'
import type { FitNetwork } from './fit-networks.ts'
import type { FitRun } from './fit-run.ts'
import { bandGrams } from './layer-grams.ts'
import { openSource } from './open-source.ts'
import type { PermutationTest } from './permutation-test.ts'
import { fitReducedLayer, reducedTasks } from './primal/fit-reduced-layer.ts'
import { reduceLayers } from './primal/reduce-layers.ts'
import { checkComplete } from './primal/reduction-report.ts'
import { isReference } from './reference/check-reference.ts'
import { fitReferenceLayer } from './reference/fit-reference-layer.ts'
import { layerValues } from './reference/layer-values.ts'

/** Fits the layers of all networks under each division: results per division, layer by layer; and what provenance tells of the networks. A permutation test takes the layers of the first division along. */
export const fitNetworks = async (run: FitRun, networks: readonly FitNetwork[], divisions: Division[], test: PermutationTest | null = null): Promise<{ results: LayerResult[][]; sources: SourceFacts[] }> => {
  const { context, request, find, population, pool, onProgress } = run
  if (request.reduction) checkComplete(population)
  const { mapping } = request
  const bands = bandsOf(networks, mapping, find)
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
const holdGrams = async (run: FitRun, network: FitNetwork, bands: readonly Band[], held: Map<Band, HeldFile>): Promise<SourceFacts> => {
  const { context, request, dataset, population, onProgress, signal } = run
  const { config, home, grams: cache } = context
  const source = await openSource(context, dataset, network, network.pooling, request.placement)
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
