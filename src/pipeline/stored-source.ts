import { activationsBackbone } from '../domain/activations.ts'
import type { ActivationsVersion } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import type { BlobStore } from '../storage/blobs.ts'
import type { ActivationSource } from './activation-source.ts'
import { openStoredBlocks } from './stored-blocks.ts'
import { findStored, storedSizes } from './stored-offer.ts'

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
})
