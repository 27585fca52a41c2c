import type { LayerGraph } from './graph.ts'
import { OPSET, usualVersions } from './onnx/message.ts'
import type { OnnxVersions } from './onnx/message.ts'

/**
 * The operator sets in which several networks can stand in one ONNX graph; null where there are none. A user's model keeps its own; the
 * networks built here are written in operators that have not changed since theirs.
 */
export const commonVersions = (graphs: readonly Pick<LayerGraph, 'given'>[]): OnnxVersions | null => {
  const given = graphs.flatMap((graph) => graph.given ?? [])
  if (given.length === 0) return usualVersions
  const opsets = Object.fromEntries(given.flatMap((versions) => Object.entries(versions.opsets)))
  const agree = given.every((versions) => Object.entries(versions.opsets).every(([domain, version]) => opsets[domain] === version))
  if (!agree || (given.length < graphs.length && opsets[''] < OPSET)) return null
  return { opsets, irVersion: Math.max(...given.map(({ irVersion }) => irVersion)) }
}
