import fs from 'node:fs'
import type { Matrix } from '../../domain/matrix.ts'
import { encodeNpy, readNpyFile } from '../../numerics/npy.ts'
import type { GramCache, HeldFile } from '../../storage/gram-cache.ts'
import { canonicalSha256 } from '../../storage/repositories/idempotency.ts'
import type { ActivationSource } from '../activation-source.ts'
import { engine } from '../engine.ts'
import type { ExtractOptions } from '../extract.ts'
import type { UnitBlocks } from '../unit-blocks.ts'

/** The activations of small layers themselves, as .npy files beside the Gram matrices, held until released. */
export const layerValues = async (source: ActivationSource, layers: readonly string[], options: ExtractOptions & { cache: GramCache }): Promise<Map<string, HeldFile>> => {
  const held = new Map<string, HeldFile>()
  try {
    for (const layer of layers) {
      const file = await options.cache.acquire(cacheKey(source, layer, options.threads))
      if (file !== null) held.set(layer, file)
    }
    const missing = layers.filter((layer) => !held.has(layer))
    await source.eachLayer(missing, options, async (layer, activations) => {
      const { rows, cols, data } = await valuesOf(activations)
      held.set(layer, await options.cache.put(cacheKey(source, layer, options.threads), (file) => fs.writeFileSync(file, encodeNpy(data, [rows, cols]))))
    })
    return held
  } catch (error) {
    await Promise.all([...held.values()].map((file) => file.release()))
    throw error
  }
}

/** (stimulus x unit) */
export const readLayerValues = async (file: string): Promise<Matrix> => {
  const { shape: [rows, cols], data } = await readNpyFile(file) // prettier-ignore
  return { rows, cols, data: Float64Array.from(data) }
}

const cacheKey = ({ identity }: ActivationSource, layer: string, threads: number): string => canonicalSha256({ kind: 'values-1', ...identity, layer, engine: { ...engine, threads } })

const valuesOf = async (activations: UnitBlocks): Promise<Matrix> => {
  const { stimuli, units } = activations
  const data = new Float64Array(stimuli * units)
  await activations.eachBlock((block, firstUnit) => {
    for (let i = 0; i < stimuli; i++) for (let k = 0; k < block.cols; k++) data[i * units + firstUnit + k] = block.data[i * block.cols + k]
    return Promise.resolve()
  })
  return { rows: stimuli, cols: units, data }
}
