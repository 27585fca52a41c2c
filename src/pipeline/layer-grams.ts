import type { Mapping } from '../domain/fit.ts'
import type { Products } from '../numerics/products.ts'
import type { GramCache, HeldFile } from '../storage/gram-cache.ts'
import { canonicalSha256 } from '../storage/repositories/idempotency.ts'
import { engine } from './engine.ts'
import type { ActivationSource } from './activation-source.ts'
import type { ExtractOptions } from './extract.ts'
import { readGramFile, writeGramFile } from './gram-file.ts'
import type { LayerGram } from './gram-file.ts'
import { computeLayerGram } from './layer-gram.ts'

/** Up to so many units the Gram matrix is always multiplied in float64: it costs little there. */
const ALWAYS_EXACT_UNITS = 4096
/** A penalty under this share of the largest eigenvalue would show the rounding of float32 products. */
const SAFE_SHARE = 1e-6

export type Precision = LayerGram['precision']

/** The precision that a mapping needs whatever the eigenvalues are (DESIGN.md, Precision); f32 is checked again once they are known. */
export const precisionBefore = (units: number, mapping: Mapping, exact = false): Precision =>
  // The largest eigenvalue is at least the mean one, by which relative alphas are scaled.
  exact || units <= ALWAYS_EXACT_UNITS || mapping.method === 'linear' || (mapping.method === 'ridge' && mapping.alphaUnits === 'relative' && Math.min(...mapping.alphas) <= SAFE_SHARE)
    ? 'f64'
    : 'f32'

const suffices = (gram: LayerGram, mapping: Mapping): boolean => {
  if (gram.precision === 'f64') return true
  if (mapping.method !== 'ridge') return mapping.method === 'pls'
  const { alphas, alphaUnits } = mapping
  let trace = 0
  for (let i = 0; i < gram.stimuli; i++) trace += gram.K[i * gram.stimuli + i]
  const least = Math.min(...alphas) * (alphaUnits === 'relative' ? trace / gram.stimuli : 1)
  return least >= SAFE_SHARE * gram.largestEigenvalue
}

/** All that a Gram matrix depends on; the same key means the same bits. */
const cacheKey = ({ identity }: ActivationSource, layer: string, precision: Precision, threads: number): string =>
  canonicalSha256({ kind: 'gram-1', ...identity, layer, engine: { ...engine, threads }, precision })

export interface GramOptions extends ExtractOptions {
  cache: GramCache
  products: Products
  mapping: Mapping
}

/** Gram files of the layers, from the cache or from their activations, held until released. */
export const layerGrams = async (source: ActivationSource, layers: readonly string[], options: GramOptions): Promise<Map<string, HeldFile>> => {
  const held = new Map<string, HeldFile>()
  try {
    const sizes = new Map(source.sizes(layers).map((size) => [size.layer, size]))
    const precisionOf = (layer: string): Precision => precisionBefore(sizes.get(layer)!.units, options.mapping, sizes.get(layer)!.exact)
    for (const layer of layers) {
      const file = await acquire(source, layer, precisionOf(layer), options)
      if (file !== null) held.set(layer, file)
    }
    const missing = layers.filter((layer) => !held.has(layer))
    await source.eachLayer(missing, options, async (layer, activations) => {
      const work = { ...options, onUnits: (done: number) => options.onProgress({ stage: `Gram matrix of ${layer}`, done, total: activations.units }) }
      let gram = await computeLayerGram(activations, precisionOf(layer), work)
      if (!suffices(gram, options.mapping)) gram = await computeLayerGram(activations, 'f64', work)
      held.set(layer, await options.cache.put(cacheKey(source, layer, gram.precision, options.threads), (file) => writeGramFile(file, gram)))
    })
    return held
  } catch (error) {
    await Promise.all([...held.values()].map((file) => file.release()))
    throw error
  }
}

/** A cached Gram file that is exact enough for the mapping, or null. A damaged file is forgotten. */
const acquire = async (source: ActivationSource, layer: string, least: Precision, options: GramOptions): Promise<HeldFile | null> => {
  for (const precision of least === 'f64' ? (['f64'] as const) : (['f64', 'f32'] as const)) {
    const key = cacheKey(source, layer, precision, options.threads)
    const file = await options.cache.acquire(key)
    if (file === null) continue
    try {
      if (suffices(readGramFile(file.path), options.mapping)) return file
    } catch {
      await options.cache.discard(key)
    }
    await file.release()
  }
  return null
}
