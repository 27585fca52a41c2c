import type { EngineName } from '../domain/engine.ts'
import { tfjsFacts } from '../models/tfjs/backbone.ts'
import * as ort from '../numerics/onnx/runtime.ts'
import { engine } from './engine.ts'

/** An engine on one of its devices, and why networks are not computed there where they are not. */
export interface EngineReport {
  engine: EngineName
  package: string
  version: string | null
  device: string
  detail: string | null
  inUse: boolean
  reason: string | null
}

const notChosen = (name: EngineName): string => `not chosen (VENTRAL_ENGINE=${name} or --engine ${name} chooses it)`

/** Every engine that there could be, the chosen one's being in use. */
export const reportEngines = async (chosen: EngineName): Promise<EngineReport[]> => [...onnxReports(chosen), ...(await tfjsReports(chosen))]

const onnxReports = (chosen: EngineName): EngineReport[] => {
  const common = { engine: 'onnx' as const, package: engine.name, version: engine.version, detail: null }
  const others = ort.listSupportedBackends().filter(({ name }) => name !== 'cpu')
  return [
    { ...common, device: 'cpu', inUse: chosen === 'onnx', reason: chosen === 'onnx' ? null : notChosen('onnx') },
    ...others.map(({ name, bundled }) => ({ ...common, device: name, inUse: false, reason: `sessions are opened on the CPU${bundled ? '' : '; its libraries are not installed either'}` })),
  ]
}

const tfjsReports = async (chosen: EngineName): Promise<EngineReport[]> => {
  const missing = (name: string, reason: string): EngineReport => ({ engine: 'tfjs', package: name, version: null, device: name.endsWith('-gpu') ? 'gpu' : 'cpu', detail: null, inUse: false, reason })
  try {
    const { unavailable, package: name, version, device, detail } = await tfjsFacts()
    const inUse = chosen === 'tfjs'
    return [...unavailable.map((other) => missing(other.package, other.reason)), { engine: 'tfjs', package: name, version, device, detail, inUse, reason: inUse ? null : notChosen('tfjs') }]
  } catch (error) {
    return [missing('@tensorflow/tfjs-core', `does not load: ${(error as Error).message}`)]
  }
}
