import os from 'node:os'
import runtime from 'onnxruntime-node/package.json' with { type: 'json' }
import ventral from '../../package.json' with { type: 'json' }
import type { EngineName } from '../domain/engine.ts'
import { tfjsFacts } from '../models/tfjs/backbone.ts'
import type { TfjsFacts } from '../models/tfjs/facts.ts'
import type { PipelineContext } from './context.ts'

/** What digits depend on besides the request: engine, its version and the instruction set. */
export const engine = {
  name: 'onnxruntime-node',
  version: runtime.version,
  device: 'cpu',
  architecture: process.arch,
  cpu: os.cpus()[0]?.model ?? 'unknown',
}

export const versions = { ventral: ventral.version, node: process.versions.node, [engine.name]: engine.version }

/** The same of the second engine, which computes networks only: all products of matrices are the first one's. */
export type SecondEngine = { name: 'tfjs'; architecture: string; cpu: string } & Omit<TfjsFacts, 'unavailable'>

let second: Promise<SecondEngine> | null = null

const openSecond = async (): Promise<SecondEngine> => {
  const { unavailable: _unavailable, ...facts } = await tfjsFacts()
  return { name: 'tfjs', ...facts, architecture: engine.architecture, cpu: engine.cpu }
}

/** Facts of the engine that computes networks where it is the second one; null for the first. Asked of the installation once. */
export const secondEngine = (name: EngineName): Promise<SecondEngine | null> => (name === 'onnx' ? Promise.resolve(null) : (second ??= openSecond()))

/** The context in which networks are computed by the engine that a request names. */
export const withEngine = (context: PipelineContext, name: EngineName): PipelineContext =>
  context.config.engine === name ? context : { ...context, config: { ...context.config, engine: name } }

/** What provenance says of engines: the one that computed networks, and, where that is the second one, the one that computed products. */
export const engineProvenance = (computed: SecondEngine | null, threads: number): Record<string, unknown> =>
  computed === null ? { ...engine, threads } : { ...computed, threads, products: { name: engine.name, version: engine.version } }
