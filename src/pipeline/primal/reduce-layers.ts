import fs from 'node:fs'
import path from 'node:path'
import type { ReductionPlan } from '../../domain/fit.ts'
import { project, sparseProjection } from '../../encoding/cells/sparse-projection.ts'
import type { GramCache, HeldFile } from '../../storage/gram-cache.ts'
import { canonicalSha256 } from '../../storage/repositories/idempotency.ts'
import type { ActivationSource } from '../activation-source.ts'
import { engine } from '../engine.ts'
import type { ExtractOptions } from '../extract.ts'
import { groupLayers } from '../layer-groups.ts'
import type { LayerSize } from '../layer-groups.ts'
import { createReducedFile, openReducedFile } from './reduced-file.ts'
import { dimensionsOf } from './reduction.ts'

export interface ReduceOptions extends Omit<ExtractOptions, 'spillBytes'> {
  cache: GramCache
  reduction: ReductionPlan
}

/** All that reduced activations depend on; the same key means the same bits. */
const cacheKey = ({ identity }: ActivationSource, layer: string, { reduction, threads }: ReduceOptions): string =>
  canonicalSha256({ kind: 'reduced-1', ...identity, layer, engine: { ...engine, threads }, reduction })

/**
 * Files of the layers' reduced activations, from the cache or by extraction, held until released. Each batch is projected as it comes
 * out of the session, so that neither memory nor disk grows with the layers' width.
 */
export const reduceLayers = async (source: ActivationSource, layers: readonly string[], stimuli: number, options: ReduceOptions): Promise<Map<string, HeldFile>> => {
  const held = new Map<string, HeldFile>()
  try {
    for (const layer of layers) {
      const file = await acquire(cacheKey(source, layer, options), options.cache)
      if (file !== null) held.set(layer, file)
    }
    const missing = layers.filter((layer) => !held.has(layer))
    const groups = groupLayers(source.sizes(missing), stimuli, Infinity)
    for (const [g, group] of groups.entries()) {
      const stage = groups.length === 1 ? 'activations' : `activations, group ${g + 1} of ${groups.length}`
      await reduceGroup(source, group, stimuli, { ...options, onProgress: (progress) => options.onProgress({ ...progress, stage }) }, async (layer, file) => {
        held.set(layer, await options.cache.put(cacheKey(source, layer, options), (target) => fs.renameSync(file, target)))
      })
    }
    return held
  } catch (error) {
    await Promise.all([...held.values()].map((file) => file.release()))
    throw error
  }
}

const reduceGroup = async (source: ActivationSource, group: LayerSize[], stimuli: number, options: ReduceOptions, keep: (layer: string, file: string) => Promise<void>): Promise<void> => {
  const folder = fs.mkdtempSync(path.join(options.folder, 'reduced-'))
  const { reduction } = options
  const targets = group.map(({ layer, units }, i) => {
    const file = path.join(folder, String(i))
    const dimensions = dimensionsOf(units, reduction)
    return { layer, units, file, projection: sparseProjection(units, dimensions, reduction.seed), out: createReducedFile(file, { units, stimuli, dimensions }) }
  })
  try {
    await source.eachBatch(group.map(({ layer }) => layer), options, (first, count, activations) => {
      for (const { layer, units, projection, out } of targets) {
        const X = { rows: count, cols: units, data: activations.get(layer)! } // (stimulus of batch x unit)
        out.write(first, projection === null ? X : project(projection, X))
      }
      options.onProgress({ stage: 'activations', done: first + count, total: stimuli })
    })
    for (const { layer, file, out } of targets) {
      out.finish()
      await keep(layer, file)
    }
  } finally {
    for (const { out } of targets) out.close()
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** A cached file that is whole, or null. A damaged one is forgotten. */
const acquire = async (key: string, cache: GramCache): Promise<HeldFile | null> => {
  const file = await cache.acquire(key)
  if (file === null) return null
  try {
    openReducedFile(file.path)
    return file
  } catch {
    await cache.discard(key)
    await file.release()
    return null
  }
}
