import type { ImageFile } from '../../datasets/image-files.ts'
import type { ClassificationPreprocessing, RefusedImage } from '../../domain/classification.ts'
import { VentralError } from '../../domain/errors.ts'
import type { ReportProgress } from '../../domain/progress.ts'
import { createDecoderPool } from '../../models/preprocess/decoder-pool.ts'
import type { PipelineContext } from '../context.ts'
import { openNetworkSession } from '../extract.ts'
import type { Network } from '../extract.ts'
import { streamImages } from './image-stream.ts'

export interface LayerRun {
  context: PipelineContext
  network: Network
  layer: string
  images: readonly ImageFile[]
  preprocessing: ClassificationPreprocessing
  onProgress: ReportProgress
  signal?: AbortSignal
}

/**
 * Runs images through the network up to a layer and hands over each one's activations, valid during the call. Answers the images that
 * could not be read. Throws `non-finite-activations`, naming the image.
 */
export const eachLayerRow = async ({ context, network, layer, images, preprocessing, onProgress, signal }: LayerRun, onRow: (row: number, values: Float32Array) => void): Promise<RefusedImage[]> => {
  const { config, home } = context
  const size = network.graph.inputSize
  const session = await openNetworkSession(network, { taps: [{ layer, pooling: 'none' }], threads: config.threads, normalise: true, reuse: true, folder: home.folders.tmp })
  const { resize, crop, filter } = { resize: 0, crop: 0, ...preprocessing }
  const decoders = createDecoderPool({ threads: 1, size, crop: preprocessing.kind === 'crop' ? { resize, crop, filter } : null })
  try {
    const { units } = session.layers[0]
    return await streamImages(session, decoders, images, {
      onBatch: ({ rows, activations }) => {
        const values = activations.get(layer)!
        rows.forEach((row, i) => {
          const one = values.subarray(i * units, (i + 1) * units)
          if (!one.every(Number.isFinite))
            throw new VentralError('non-finite-activations', `${network.graph.id} gives ${images[row].name} activations that are no numbers in ${layer}. Check the weights.`, [
              { pointer: images[row].name, expected: 'finite activations', found: 'NaN or infinity' },
            ])
          onRow(row, one)
        })
      },
      onProgress: (done) => onProgress({ stage: 'images', done, total: images.length }),
      signal,
    })
  } finally {
    await decoders.close()
    await session.close()
  }
}
