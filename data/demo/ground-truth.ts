import type { Matrix } from '../../src/domain/matrix.ts'
import type { ReportProgress } from '../../src/domain/progress.ts'
import { throwIfAborted } from '../../src/domain/progress.ts'
import { openBackbone } from '../../src/models/activations.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { randomParams } from '../../src/models/initialise.ts'
import { toPixels } from '../../src/models/preprocess/to-pixels.ts'
import type { EncodedStimulus } from './encode-stimulus.ts'

/**
 * The network whose layer drives the `readout` and `product` sites. With this seed as a candidate, a fit must find the layer; the demo's
 * own candidates have other seeds.
 */
export const groundTruth = { backbone: 'squeezenet1_1', seed: 2015, layer: 'features.7', pooling: { grid: 4 } } as const

/** Activations (stimulus x unit) of the ground-truth layer, by the same decoder, resize and network that fits use. */
export const groundTruthActivations = async (
  stimuli: readonly EncodedStimulus[],
  { threads, onProgress, signal }: { threads: number; onProgress?: ReportProgress; signal?: AbortSignal },
): Promise<Matrix<Float32Array>> => {
  const graph = getBackbone(groundTruth.backbone)
  const size = { width: graph.inputSize, height: graph.inputSize }
  const backbone = await openBackbone({
    graph,
    params: randomParams(graph, groundTruth.seed),
    taps: [{ layer: groundTruth.layer, pooling: groundTruth.pooling }],
    threads,
    normalise: true,
  })
  try {
    const [{ units }] = backbone.layers
    const data = new Float32Array(stimuli.length * units) // (stimulus x unit)
    for (let from = 0; from < stimuli.length; from += backbone.batch) {
      throwIfAborted(signal)
      const batch = await Promise.all(stimuli.slice(from, from + backbone.batch).map(({ bytes, filename }) => toPixels(bytes, filename, size)))
      const pixels = new Float32Array(batch.length * batch[0].length)
      batch.forEach((image, i) => pixels.set(image, i * image.length))
      data.set((await backbone.run(pixels, batch.length)).get(groundTruth.layer)!, from * units)
      onProgress?.({ stage: 'simulating sites', done: from + batch.length, total: stimuli.length })
    }
    return { rows: stimuli.length, cols: units, data }
  } finally {
    await backbone.close()
  }
}
