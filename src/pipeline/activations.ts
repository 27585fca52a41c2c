import fs from 'node:fs'
import path from 'node:path'
import type { Pooling } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import type { ReportProgress } from '../domain/progress.ts'
import type { OpenBackbone } from '../models/activations.ts'
import { openNpyWriter } from '../numerics/npy.ts'
import type { NpyWriter } from '../numerics/npy.ts'
import { openActivationInput } from './activation-input.ts'
import type { ActivationInput } from './activation-input.ts'
import type { PipelineContext } from './context.ts'
import { openNetworkSession } from './extract.ts'
import { tapsAtSteps } from './layers-at-steps.ts'
import { openNetwork } from './networks.ts'

export interface ActivationsRequest {
  /** image, folder, zip, or a .npy tensor (n, 3, h, w) used as it is */
  input: string
  backbone: string
  layers: string[] | 'default' | 'all'
  /** of layers that are named as recurrent areas; without it these give what they give at last */
  timeStep?: number | 'all'
  out: string
  pooling?: Pooling
  weights?: 'pretrained' | 'random' | `sha256:${string}`
  seed?: number
}

export interface ActivationsResult {
  rows: number
  files: { layer: string; path: string; shape: number[] }[]
}

/**
 * Activations of images, streamed: `OUT/LAYER.npy` float32 (n, …tap shape after pooling) per layer, and `OUT/rows.csv` that names the
 * rows. Files appear under their names when they are whole.
 */
export const writeActivations = async (
  context: PipelineContext,
  { input, backbone, layers, timeStep, out, pooling = 'none', weights = 'pretrained', seed = 0 }: ActivationsRequest,
  { onProgress, signal }: { onProgress?: ReportProgress; signal?: AbortSignal } = {},
): Promise<ActivationsResult> => {
  const network = await openNetwork(context, { backbone, weights, seed }, pooling)
  const { graph } = network
  const names = tapsAtSteps(graph, layers, timeStep)
  const source = await openActivationInput(input, graph.inputSize)
  try {
    const taps = names.map((layer) => ({ layer, pooling }))
    const session = await openNetworkSession(network, { taps, threads: context.config.threads, normalise: source.kind === 'images', folder: context.home.folders.tmp })
    try {
      return await writeLayers(session, source, out, { onProgress, signal })
    } finally {
      await session.close()
    }
  } finally {
    await source.close()
  }
}

const writeLayers = async (
  session: OpenBackbone,
  source: ActivationInput,
  out: string,
  { onProgress, signal }: { onProgress?: ReportProgress; signal?: AbortSignal },
): Promise<ActivationsResult> => {
  const created = await fs.promises.mkdir(out, { recursive: true })
  const at = (name: string): { target: string; part: string } => ({ target: path.join(out, name), part: path.join(out, `.${name}.part`) })
  const layers = session.layers.map(({ layer, shape }) => ({ layer, shape: [...shape], ...at(`${layer}.npy`) }))
  const table = at('rows.csv')
  const writers: NpyWriter[] = []
  try {
    for (const { part, shape } of layers) writers.push(await openNpyWriter(part, shape, 'f4'))
    for (let first = 0; first < source.count; first += session.batch) {
      signal?.throwIfAborted()
      const count = Math.min(session.batch, source.count - first)
      const activations = await session.run(await source.read(first, count), count)
      for (const [i, { layer }] of layers.entries()) await writers[i].append(activations.get(layer)!)
      onProgress?.({ stage: 'activations', done: first + count, total: source.count })
    }
    await fs.promises.writeFile(table.part, rowsCsv(source.rows))
    await Promise.all(writers.map((writer) => writer.close()))
    for (const { part, target } of [...layers, table]) await fs.promises.rename(part, target)
    return { rows: source.count, files: layers.map(({ layer, shape, target }) => ({ layer, path: target, shape: [source.count, ...shape] })) }
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.discard().catch(() => undefined)))
    for (const { part } of [...layers, table]) await fs.promises.rm(part, { force: true })
    if (created !== undefined) await fs.promises.rm(created, { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new VentralError('disk-full', `The disk of ${out} is full. Free space, or use "--grid" to pool the layers.`)
    throw error
  }
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const rowsCsv = (rows: { stimulusId: string; filename: string; sha256: string }[]): string =>
  ['row,stimulus_id,filename,sha256', ...rows.map(({ stimulusId, filename, sha256 }, i) => [String(i), stimulusId, filename, sha256].map(cell).join(',')), ''].join('\n')
