import fs from 'node:fs'
import path from 'node:path'
import type { Pooling } from '../domain/backbone.ts'
import type { ReportProgress } from '../domain/progress.ts'
import { openBackbone } from '../models/activations.ts'
import type { BackboneRequest, OpenBackbone } from '../models/activations.ts'
import { findLayer } from '../models/graph.ts'
import type { LayerGraph } from '../models/graph.ts'
import { createDecoderPool } from '../models/preprocess/decoder-pool.ts'
import { pooledShape, sizeOf } from '../models/shapes.ts'
import { openTfjsBackbone } from '../models/tfjs/backbone.ts'
import type { SecondEngine } from './engine.ts'
import { groupLayers } from './layer-groups.ts'
import type { LayerSize } from './layer-groups.ts'
import { createSpill } from './spill.ts'
import type { Spill } from './spill.ts'
import type { StimulusFiles } from './stimulus-files.ts'
import type { UnitBlocks } from './unit-blocks.ts'

/** A backbone with its parameters: what activations depend on besides the stimuli. */
export interface Network {
  graph: LayerGraph
  /** reads them; they are not kept, since a session has a copy of its own */
  params: () => Promise<ReadonlyMap<string, Float32Array>>
  /** sha256 of the weights file, or `random:SEED:REVISION`, or `none` */
  weights: string
  pooling: Pooling
  /** the second engine, where it computes the network */
  engine?: SecondEngine
}

export interface ExtractOptions {
  threads: number
  /** bytes of disk that the spill may take */
  spillBytes: number
  /** where spill and large models lie meanwhile */
  folder: string
  onProgress: ReportProgress
  signal?: AbortSignal
}

/** Units of the layers after pooling. */
export const layerSizes = ({ graph, pooling }: Pick<Network, 'graph' | 'pooling'>, layers: readonly string[]): LayerSize[] =>
  layers.map((layer) => {
    const { shape, channels } = findLayer(graph, layer)
    return { layer, units: sizeOf(pooledShape(shape, pooling, channels)) }
  })

/** Opens a session on a network, with its engine. A function of its own, so that no frame holds the parameters while the session runs. */
export const openNetworkSession = async ({ graph, params, engine }: Network, how: Omit<BackboneRequest, 'graph' | 'params'>): Promise<OpenBackbone> =>
  (engine ? openTfjsBackbone : openBackbone)({ graph, params: await params(), ...how })

/**
 * Runs all stimuli through the network and hands each layer's activations to `visit`, as a spill that is gone afterwards.
 * Layers come in groups that fit the disk bound; all layers of a group come from one pass.
 */
export const extractLayers = async (
  network: Network,
  layers: readonly string[],
  stimuli: StimulusFiles,
  options: ExtractOptions,
  visit: (layer: string, activations: UnitBlocks) => Promise<void>,
): Promise<void> => {
  const groups = groupLayers(layerSizes(network, layers), stimuli.count, options.spillBytes)
  for (const [g, group] of groups.entries()) {
    const folder = fs.mkdtempSync(path.join(options.folder, 'spill-'))
    const spills = new Map<string, Spill>()
    try {
      for (const [i, { layer, units }] of group.entries()) spills.set(layer, createSpill(path.join(folder, String(i)), stimuli.count, units))
      const stage = groups.length === 1 ? 'activations' : `activations, group ${g + 1} of ${groups.length}`
      await streamActivations(network, [...spills.keys()], stimuli, options, (first, count, activations) => {
        for (const [spilled, spill] of spills) spill.write(first, activations.get(spilled)!)
        options.onProgress({ stage, done: first + count, total: stimuli.count })
      })
      for (const [layer, spill] of spills) {
        await visit(layer, spill)
        spill.remove()
      }
    } finally {
      for (const spill of spills.values()) spill.remove()
      fs.rmSync(folder, { recursive: true, force: true })
    }
  }
}

/**
 * Runs all stimuli through the network in batches and hands over each batch's activations, layer -> (image x unit), valid during the call. Images are decoded
 * and resized in a thread of their own meanwhile.
 */
export const streamActivations = async (
  network: Network,
  layers: readonly string[],
  stimuli: StimulusFiles,
  options: Pick<ExtractOptions, 'threads' | 'folder' | 'signal'>,
  onBatch: (first: number, count: number, activations: Map<string, Float32Array>) => void,
): Promise<void> => {
  const taps = layers.map((layer) => ({ layer, pooling: network.pooling }))
  const backbone = await openNetworkSession(network, { taps, threads: options.threads, normalise: true, reuse: true, folder: options.folder })
  const decoders = createDecoderPool({ threads: 1, size: network.graph.inputSize, placement: stimuli.placement ?? null })
  try {
    const batches = Array.from({ length: Math.ceil(stimuli.count / backbone.batch) }, (_, b) => ({
      first: b * backbone.batch,
      count: Math.min(backbone.batch, stimuli.count - b * backbone.batch),
    }))
    const decode = (b: number): Promise<Float32Array> => {
      const pixels = decoders.decodeBatch(Array.from({ length: batches[b].count }, (_, i) => stimuli.read(batches[b].first + i)))
      pixels.catch(() => undefined) // awaited in its turn; a failure meanwhile must not count as unhandled
      return pixels
    }
    // The session blocks this thread while it runs; two batches ahead keep the decoder busy meanwhile.
    const ahead = batches.slice(0, 2).map((_, b) => decode(b))
    for (const [b, { first, count }] of batches.entries()) {
      options.signal?.throwIfAborted()
      const pixels = await ahead.shift()!
      if (b + 2 < batches.length) ahead.push(decode(b + 2))
      onBatch(first, count, await backbone.run(pixels, count))
      await new Promise(setImmediate) // lets messages in: progress out, cancellation in
    }
  } finally {
    await decoders.close()
    await backbone.close()
  }
}
