import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import * as ort from '../numerics/onnx/runtime.ts'
import { createSession } from '../numerics/onnx/session.ts'
import type { TapRequest } from './build-onnx.ts'
import { buildOnnx } from './build-onnx.ts'
import type { LayerGraph } from './graph.ts'
import { INPUT } from './onnx/operators.ts'
import { sizeOf } from './shapes.ts'
import { writeOnnx } from './write-onnx.ts'

/** Bytes that the tapped activations of one batch may take, and the most images in one. */
const BATCH_BYTES = 256e6
const MAX_BATCH = 16

/** Images per forward pass for so many tapped units per image (all taps together). */
export const batchSize = (unitsPerImage: number): number => Math.max(1, Math.min(MAX_BATCH, Math.floor(BATCH_BYTES / (4 * unitsPerImage))))

export interface BackboneRequest {
  graph: LayerGraph
  params: ReadonlyMap<string, Float32Array>
  /** each layer once */
  taps: readonly TapRequest[]
  threads: number
  /** whether images come as pixels in [0, 1] (true) or as the network's own input (false) */
  normalise: boolean
  /**
   * Write every batch into the same arrays, so that what `run` answers is valid until it is called again: memory then holds one batch's
   * activations, and the system does not clear fresh pages for each.
   */
  reuse?: boolean
  /** where a large backbone's weights lie until the session is open; default: the system's temporary folder */
  folder?: string
}

export interface OpenBackbone {
  /** images per call that keep within the memory bound; run takes any number */
  batch: number
  /** the taps' shapes after pooling, without the image axis */
  layers: { layer: string; shape: readonly number[]; units: number }[]
  /**
   * Activations of `count` images, `pixels` being (count, 3, S, S): per layer (count x units), units in C order of (channel, row, column).
   * Layers that are the same value share an array. Blocks the thread while the network runs.
   */
  run: (pixels: Float32Array, count: number) => Promise<Map<string, Float32Array>>
  close: () => Promise<void>
}

/** Opens a session on the part of a backbone that the taps need. */
export const openBackbone = async ({ graph, params, taps, threads, normalise, reuse = false, folder }: BackboneRequest): Promise<OpenBackbone> => {
  const build = buildOnnx(graph, params, { taps, normalise })
  const session = await openModel(build, threads, folder)
  const outputs = build.taps // alone, so that what answers runs does not hold the parameters
  const layers = taps.map(({ layer }, i) => ({ layer, shape: outputs[i].shape, units: sizeOf(outputs[i].shape) }))
  const inputShape = [3, graph.inputSize, graph.inputSize]
  const buffers = new Map<string, Float32Array>()
  /** Arrays for the results of so many images: the same ones as long as they are large enough. */
  const into = (count: number): Record<string, ort.Tensor> =>
    Object.fromEntries(
      outputs.map(({ name, shape }) => {
        const length = count * sizeOf(shape)
        if ((buffers.get(name)?.length ?? 0) < length) buffers.set(name, new Float32Array(length))
        return [name, new ort.Tensor('float32', buffers.get(name)!.subarray(0, length), [count, ...shape])]
      }),
    )

  return {
    batch: batchSize(layers.reduce((sum, { units }) => sum + units, 0)),
    layers,
    run: async (pixels, count) => {
      if (pixels.length !== count * sizeOf(inputShape)) {
        throw new Error(`${graph.id} needs ${inputShape.join(' x ')} values per image, not ${pixels.length / count}`)
      }
      const input = { [INPUT]: new ort.Tensor('float32', pixels, [count, ...inputShape]) }
      const results = reuse ? await session.run(input, into(count)) : await session.run(input)
      return new Map(taps.map(({ layer }, i) => [layer, results[outputs[i].name].data as Float32Array]))
    },
    close: () => session.release(),
  }
}

/** A large model is opened from files, which keeps its weights out of this process's heap; they are removed once it is open. */
const openModel = async (build: ReturnType<typeof buildOnnx>, threads: number, folder = os.tmpdir()): Promise<ort.InferenceSession> => {
  if (!build.weights) return createSession(build.model, { threads })
  const temporary = await fs.mkdtemp(path.join(folder, 'ventral-model-'))
  try {
    return await createSession(await writeOnnx(build, temporary), { threads })
  } finally {
    await fs.rm(temporary, { recursive: true, force: true })
  }
}
