import type { ImagePlacement } from '../../domain/placement.ts'
import { createWorkerPool, workerUrl } from '../../numerics/worker-pool.ts'
import type { CropRecipe } from './crop.ts'
import type { ImageDescription } from './describe-image.ts'

export interface DecoderMessage {
  task: 'pixels' | 'describe'
  images: readonly Uint8Array[]
  names: readonly string[]
  /** side of the square that pixels come in */
  size: number
  /** how images get there; null: squashed, without a crop */
  crop: CropRecipe | null
  /** where they stand before that; null: they fill the square */
  placement: ImagePlacement | null
}

export type DecoderAnswer = Float32Array<ArrayBuffer> | ImageDescription[]

export interface DecoderPool {
  /**
   * Images of a batch as pixels (n, 3, size, size), RGB in [0, 1]. A batch goes to one thread; ask for the next one before using
   * this one, and decoding runs beside the network. Rejects with the error of the first image that fails, which names it by `names`
   * (default: `image 1`, `image 2`, …). The given bytes are copied and stay the caller's.
   */
  decodeBatch: (images: readonly Uint8Array[], names?: readonly string[]) => Promise<Float32Array>
  /** Size, pixel hash and thumbnail of each image. Rejects as decodeBatch. */
  describeBatch: (images: readonly Uint8Array[], names?: readonly string[]) => Promise<ImageDescription[]>
  close: () => Promise<void>
}

/** Threads that decode and resize images off the caller's thread. They start with the first batch and end with `close` or the process. */
export const createDecoderPool = ({ threads = 1, size, crop = null, placement = null }: { threads?: number; size: number; crop?: CropRecipe | null; placement?: ImagePlacement | null }): DecoderPool => {
  const pool = createWorkerPool<DecoderMessage, DecoderAnswer>(workerUrl('decoder-worker', import.meta.url), threads)
  const ask = (task: DecoderMessage['task'], images: readonly Uint8Array[], names?: readonly string[]): Promise<DecoderAnswer> => {
    // A view would drag its whole buffer (a pack of thousands of images) across; transferring that buffer would take it from the caller.
    const copies = images.map((image) => new Uint8Array(image))
    const message = { task, images: copies, names: images.map((_, i) => names?.[i] ?? `image ${i + 1}`), size, crop, placement }
    return pool.ask(message, copies.map((copy) => copy.buffer))
  }
  return {
    decodeBatch: async (images, names) => await ask('pixels', images, names) as Float32Array,
    describeBatch: async (images, names) => await ask('describe', images, names) as ImageDescription[],
    close: () => pool.close(),
  }
}
