import { setImmediate } from 'node:timers/promises'
import { activationsBackbone } from '../domain/activations.ts'
import type { ActivationsVersion } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import type { BlobStore } from '../storage/blobs.ts'
import type { ActivationSource } from './activation-source.ts'
import { openStoredBlocks } from './stored-blocks.ts'
import type { StoredBlocks } from './stored-blocks.ts'
import { findStored, storedSizes } from './stored-offer.ts'

/** Bytes of rows that are held at a time, as float64. */
const BATCH_BYTES = 64e6

/** Activations that were computed elsewhere, for `stimuli` stimuli. They lie on the disk already, so nothing is spilled. */
export const storedSource = (blobs: Pick<BlobStore, 'path'>, version: ActivationsVersion, stimuli: number, pooling: Pooling): ActivationSource => ({
  id: activationsBackbone(version.name),
  weights: `sha256:${version.sha256}`,
  pooling,
  preprocessing: null,
  // The sha256 is over the values themselves in the order of the stimuli: the name and the dataset do not matter.
  identity: { activations: version.sha256, pooling },
  network: null,
  sizes: (layers) => storedSizes(version, layers, pooling),
  shape: () => null,
  eachLayer: async (layers, { signal }, visit) => {
    for (const name of layers) {
      signal?.throwIfAborted()
      const layer = findStored(version, name)
      const blocks = openStoredBlocks(blobs.path(layer.sha256), stimuli, layer, pooling)
      try {
        await visit(name, blocks)
      } finally {
        blocks.close()
      }
    }
  },
  eachBatch: async (layers, { signal }, visit) => {
    const opened: [string, StoredBlocks][] = []
    try {
      for (const name of layers) {
        const layer = findStored(version, name)
        opened.push([name, openStoredBlocks(blobs.path(layer.sha256), stimuli, layer, pooling)])
      }
      const units = opened.reduce((sum, [, { units }]) => sum + units, 0)
      const batch = Math.max(1, Math.floor(BATCH_BYTES / (8 * units)))
      for (let first = 0; first < stimuli; first += batch) {
        signal?.throwIfAborted()
        const count = Math.min(batch, stimuli - first)
        visit(first, count, new Map(opened.map(([name, blocks]) => [name, asFloat32(blocks.rows(first, count))])))
        await setImmediate() // lets messages in: progress out, cancellation in
      }
    } finally {
      for (const [, blocks] of opened) blocks.close()
    }
  },
})

/** What is reduced is kept as float32 anyway. */
const asFloat32 = (values: Float32Array | Float64Array): Float32Array => (values instanceof Float32Array ? values : Float32Array.from(values))
