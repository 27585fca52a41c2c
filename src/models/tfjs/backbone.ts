import { createWorkerPool, workerUrl } from '../../numerics/worker-pool.ts'
import { batchSize } from '../activations.ts'
import type { BackboneRequest, OpenBackbone } from '../activations.ts'
import { findLayer } from '../graph.ts'
import { neededNodes, parameterReader } from '../parts.ts'
import { pooledShape, sizeOf } from '../shapes.ts'
import type { TfjsFacts } from './facts.ts'
import type { TfjsMessage } from './messages.ts'
import { parametersOf } from './parameters.ts'
import { refuseGiven } from './refuse-given.ts'
import type { Gradient, Stimuli, UnitPerImage } from './requests.ts'

/** Images in one pass: the WebAssembly backend's memory ends at 4 GB, and holds a whole batch of the widest layers. */
const MAX_BATCH = 4

/** Images per pass for so many tapped units per image (all taps together). */
export const tfjsBatchSize = (unitsPerImage: number): number => Math.min(MAX_BATCH, batchSize(unitsPerImage))

export interface TfjsBackbone extends OpenBackbone {
  facts: TfjsFacts
  /**
   * Activations of layers that the ones the session was opened on need, or these themselves, unpooled: per layer (count x units). With
   * `from`, what depends on that layer is computed from the activations that are given for it, and without pixels nothing else may be
   * needed. Throws an Error when it is.
   */
  runLayers: (stimuli: Stimuli, layers: readonly string[]) => Promise<Map<string, Float32Array>>
  /**
   * Derivative of one unit per image with respect to a layer's activations, at the activations of the images, or at those given as
   * `from`. Whatever the unit depends on beside the layer is held constant, as in Grad-CAM.
   */
  gradient: (stimuli: Stimuli, layer: string, of: UnitPerImage) => Promise<Gradient>
}

const openPool = () => createWorkerPool<TfjsMessage, unknown>(workerUrl('worker', import.meta.url), 1)

/** Which backend this installation would run on, asked in a thread of its own. */
export const tfjsFacts = async (): Promise<TfjsFacts> => {
  const pool = openPool()
  try {
    return (await pool.ask({ kind: 'facts' })) as TfjsFacts
  } finally {
    await pool.close()
  }
}

/**
 * The part of a backbone that the taps need, computed with the TensorFlow.js API in a thread of its own. Same values as `openBackbone`
 * within float32's precision. VentralError unknown-layer, checkpoint-mismatch; invalid-value for a user's own ONNX model.
 */
export const openTfjsBackbone = async ({ graph, params, taps, normalise }: Pick<BackboneRequest, 'graph' | 'params' | 'taps' | 'normalise'>): Promise<TfjsBackbone> => {
  refuseGiven(graph)
  const layers = taps.map(({ layer, pooling }) => {
    const { shape, channels } = findLayer(graph, layer)
    const pooled = pooledShape(shape, pooling, channels)
    return { layer, shape: pooled, units: sizeOf(pooled) }
  })
  const pool = openPool()
  const ask = <A>(message: TfjsMessage, moved: readonly Float32Array<ArrayBuffer>[] = []): Promise<A> => pool.ask(message, moved.map(({ buffer }) => buffer)) as Promise<A>
  const askOfStimuli = <A>(message: Extract<TfjsMessage, { stimuli: Stimuli }>): Promise<A> => {
    const { count, pixels, from } = message.stimuli
    const [image, layer] = [pixels?.slice(), from?.activations.slice()]
    const stimuli = { count, ...(image ? { pixels: image } : {}), ...(from && layer ? { from: { ...from, activations: layer } } : {}) }
    return ask({ ...message, stimuli }, [image, layer].filter((array) => array !== undefined))
  }
  try {
    const facts = await ask<TfjsFacts>({ kind: 'open', graph, normalise })
    const parameter = parameterReader(graph, params)
    const nodes = neededNodes(graph, taps.map(({ layer }) => graph.taps.get(layer)!))
    // One by one, so that no more than one is on its way.
    for (const name of parametersOf(nodes)) {
      const { shape, data } = parameter(name)
      const copy = data.slice() // alone in its buffer: a view would take the whole file it lies in along
      await ask({ kind: 'parameter', name, parameter: { shape, data: copy } }, [copy])
    }
    return {
      facts,
      batch: tfjsBatchSize(layers.reduce((sum, { units }) => sum + units, 0)),
      layers,
      run: async (pixels, count) => {
        const values = await askOfStimuli<Float32Array[]>({ kind: 'run', stimuli: { count, pixels }, taps })
        return new Map(taps.map(({ layer }, i) => [layer, values[i]]))
      },
      runLayers: async (stimuli, names) => {
        const values = await askOfStimuli<Float32Array[]>({ kind: 'run', stimuli, taps: names.map((layer) => ({ layer, pooling: 'none' })) })
        return new Map(names.map((layer, i) => [layer, values[i]]))
      },
      gradient: (stimuli, layer, of) => askOfStimuli<Gradient>({ kind: 'gradient', stimuli, layer, of }),
      close: () => pool.close(),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}
