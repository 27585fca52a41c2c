import type { ImageFile } from '../../datasets/image-files.ts'
import type { RefusedImage } from '../../domain/classification.ts'
import { VentralError } from '../../domain/errors.ts'
import type { OpenBackbone } from '../../models/activations.ts'
import type { DecoderPool } from '../../models/preprocess/decoder-pool.ts'

export interface ImageBatch {
  /** places of the batch's images in the list; those that could not be read are missing */
  rows: number[]
  /** layer -> (image x unit), valid during the call */
  activations: Map<string, Float32Array>
}

interface Decoded {
  rows: number[]
  pixels: Float32Array
  refused: RefusedImage[]
}

const decodeOne = async (decoders: DecoderPool, { name, read }: ImageFile): Promise<Float32Array | RefusedImage> => {
  try {
    return await decoders.decodeBatch([await read()], [name])
  } catch (error) {
    if (!(error instanceof VentralError)) throw error
    return { image: name, detail: error.message }
  }
}

/** A batch whose images are all good is decoded at once; one with a bad image is decoded one by one, to leave only that out. */
const decode = async (decoders: DecoderPool, images: readonly ImageFile[], rows: number[]): Promise<Decoded> => {
  try {
    const bytes = await Promise.all(rows.map((row) => images[row].read()))
    return { rows, pixels: await decoders.decodeBatch(bytes, rows.map((row) => images[row].name)), refused: [] }
  } catch (error) {
    if (!(error instanceof VentralError)) throw error
  }
  const good: { row: number; pixels: Float32Array }[] = []
  const refused: RefusedImage[] = []
  for (const row of rows) {
    const one = await decodeOne(decoders, images[row])
    if ('detail' in one) refused.push(one)
    else good.push({ row, pixels: one })
  }
  const pixels = new Float32Array(good.reduce((sum, one) => sum + one.pixels.length, 0))
  let at = 0
  for (const one of good) {
    pixels.set(one.pixels, at)
    at += one.pixels.length
  }
  return { rows: good.map(({ row }) => row), pixels, refused }
}

/** Runs images through a network in batches; answers those that could not be read. Decoding runs two batches ahead, in its own thread. */
export const streamImages = async (
  session: OpenBackbone,
  decoders: DecoderPool,
  images: readonly ImageFile[],
  { onBatch, onProgress, signal }: { onBatch: (batch: ImageBatch) => void; onProgress: (done: number) => void; signal?: AbortSignal },
): Promise<RefusedImage[]> => {
  const refused: RefusedImage[] = []
  const batches = Math.ceil(images.length / session.batch)
  const start = (b: number): Promise<Decoded> => {
    const first = b * session.batch
    const decoded = decode(decoders, images, Array.from({ length: Math.min(session.batch, images.length - first) }, (_, i) => first + i))
    decoded.catch(() => undefined) // awaited in its turn; a failure meanwhile must not count as unhandled
    return decoded
  }
  const ahead = Array.from({ length: Math.min(2, batches) }, (_, b) => start(b))
  for (let b = 0; b < batches; b++) {
    signal?.throwIfAborted()
    const { rows, pixels, refused: bad } = await ahead.shift()!
    if (b + 2 < batches) ahead.push(start(b + 2))
    refused.push(...bad)
    if (rows.length > 0) onBatch({ rows, activations: await session.run(pixels, rows.length) })
    onProgress(Math.min((b + 1) * session.batch, images.length))
    await new Promise(setImmediate) // lets messages in: progress out, cancellation in
  }
  return refused
}
