import type { JointMapping } from '../domain/banded.ts'
import type { Mapping, RidgeMapping } from '../domain/fit.ts'
import type { Products } from '../numerics/products.ts'
import type { GramCache, HeldFile } from '../storage/gram-cache.ts'
import { canonicalSha256 } from '../storage/repositories/idempotency.ts'
import { usesPrimal } from '../encoding/primal/primal-system.ts'
import { engine } from './engine.ts'
import type { ActivationSource } from './activation-source.ts'
import type { ExtractOptions } from './extract.ts'
import { readGramFile, writeGramFile } from './gram-file.ts'
import type { LayerGram } from './gram-file.ts'
import { computeLayerGram } from './layer-gram.ts'
import { weighted, windowWeights, WINDOWS_REVISION } from './windows.ts'
import type { Window } from './windows.ts'

/** Up to so many units the Gram matrix is always multiplied in float64: it costs little there. */
const ALWAYS_EXACT_UNITS = 4096
/** A penalty under this share of the largest eigenvalue would show the rounding of float32 products. */
const SAFE_SHARE = 1e-6

export type Precision = LayerGram['precision']

/** The precision that a mapping needs whatever the eigenvalues are (DESIGN.md, Precision); f32 is checked again once they are known. */
export const precisionBefore = (units: number, mapping: Mapping | JointMapping, exact = false): Precision =>
  // The largest eigenvalue is at least the mean one, by which relative alphas are scaled.
  exact || units <= ALWAYS_EXACT_UNITS || mapping.method === 'linear' || ('alphas' in mapping && areRelative(mapping) && Math.min(...mapping.alphas) <= SAFE_SHARE)
    ? 'f64'
    : 'f32'

/** Those of joint mappings always are: they apply to a sum of bands of which each is divided by its mean eigenvalue. */
const areRelative = (mapping: RidgeMapping | JointMapping): boolean => mapping.method !== 'ridge' || mapping.alphaUnits === 'relative'

const suffices = (gram: LayerGram, mapping: Mapping | JointMapping): boolean => {
  if (gram.precision === 'f64') return true
  if (!('alphas' in mapping)) return mapping.method === 'pls'
  let trace = 0
  for (let i = 0; i < gram.stimuli; i++) trace += gram.K[i * gram.stimuli + i]
  const least = Math.min(...mapping.alphas) * (areRelative(mapping) ? trace / gram.stimuli : 1)
  return least >= SAFE_SHARE * gram.largestEigenvalue
}

/** All that a Gram matrix depends on; the same key means the same bits. */
const cacheKey = ({ identity }: ActivationSource, { layer, window }: GramBand, precision: Precision, threads: number): string =>
  canonicalSha256({ kind: 'gram-1', ...identity, layer, ...(window === null ? {} : { window, windows: WINDOWS_REVISION }), engine: { ...engine, threads }, precision })

export interface GramOptions extends ExtractOptions {
  cache: GramCache
  products: Products
  mapping: Mapping | JointMapping
}

/** A layer of a source, whole or within a window. */
export interface GramBand {
  layer: string
  window: Window | null
}

/** Gram files of the layers, from the cache or from their activations, held until released. */
export const layerGrams = async (source: ActivationSource, layers: readonly string[], options: GramOptions): Promise<Map<string, HeldFile>> => {
  const bands = layers.map((layer) => ({ layer, window: null }))
  const held = await bandGrams(source, bands, options)
  return new Map(bands.map((band) => [band.layer, held.get(band)!]))
}

/** The same of layers and of windows of them, for which a layer is read again and again, but not run through the network again. */
export const bandGrams = async <B extends GramBand>(source: ActivationSource, bands: readonly B[], options: GramOptions): Promise<Map<B, HeldFile>> => {
  const held = new Map<B, HeldFile>()
  try {
    const sizes = new Map(source.sizes([...new Set(bands.map(({ layer }) => layer))]).map((size) => [size.layer, size]))
    const precisionOf = ({ layer }: GramBand): Precision => precisionBefore(sizes.get(layer)!.units, options.mapping, sizes.get(layer)!.exact)
    for (const band of bands) {
      const file = await acquire(source, band, precisionOf(band), options)
      if (file !== null) held.set(band, file)
    }
    const missing = bands.filter((band) => !held.has(band))
    await source.eachLayer([...new Set(missing.map(({ layer }) => layer))], options, async (layer, activations) => {
      for (const band of missing.filter((candidate) => candidate.layer === layer)) {
        const keepValues = band.window === null && usesPrimal(activations.stimuli, activations.units)
        const work = { ...options, keepValues, onUnits: (done: number) => options.onProgress({ stage: `Gram matrix of ${bandName(band)}`, done, total: activations.units }) }
        const values = band.window === null ? activations : weighted(activations, windowWeights(source.shape(layer)!, band.window))
        let gram = await computeLayerGram(values, precisionOf(band), work)
        if (!suffices(gram, options.mapping)) gram = await computeLayerGram(values, 'f64', work)
        held.set(band, await options.cache.put(cacheKey(source, band, gram.precision, options.threads), (file) => writeGramFile(file, gram)))
      }
    })
    return held
  } catch (error) {
    await Promise.all([...held.values()].map((file) => file.release()))
    throw error
  }
}

const bandName = ({ layer, window }: GramBand): string => (window === null ? layer : `${layer}, window ${window.row + 1},${window.column + 1}`)

/** A cached Gram file that is exact enough for the mapping, or null. A damaged file is forgotten. */
const acquire = async (source: ActivationSource, band: GramBand, least: Precision, options: GramOptions): Promise<HeldFile | null> => {
  for (const precision of least === 'f64' ? (['f64'] as const) : (['f64', 'f32'] as const)) {
    const key = cacheKey(source, band, precision, options.threads)
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
