import type { Pooling } from '../domain/backbone.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { LayerGraph } from './graph.ts'
import { findLayer } from './graph.ts'
import type { Assembler } from './onnx/assembler.ts'
import { createAssembler } from './onnx/assembler.ts'
import type { OnnxModel, OnnxValue } from './onnx/message.ts'
import { toOnnx } from './onnx/message.ts'
import type { ParamSource } from './onnx/operators.ts'
import { emitNode, INPUT } from './onnx/operators.ts'
import { emitAdaptiveAverage } from './onnx/pooling.ts'
import { neededNodes, parameterReader } from './parts.ts'
import { pooledShape, sizeOf } from './shapes.ts'

/** A layer to read, and how its sides are averaged first. */
export interface TapRequest {
  layer: string
  pooling: Pooling
}

/** The linear map of an encoder: rates = activations · weights + bias. */
export interface Readout {
  /** (unit x site) */
  weights: Matrix<Float32Array>
  /** one per site */
  bias: Float32Array
}

export interface OnnxOptions {
  taps: readonly TapRequest[]
  /** true: the input `pixels` is RGB in [0, 1] and the normalisation is part of the model; false: the input is used as it is */
  normalise: boolean
  /** makes an encoder: its one output is `rates` (n, site), from the one tap */
  readout?: Readout
  metadata?: Readonly<Record<string, string>>
  /** weights go to a file of their own when they take more bytes than this (default 64 MB; Infinity: never) */
  externalAbove?: number
  /** the name by which the model refers to that file, in its own folder */
  weightsFile?: string
}

export interface OnnxBuild extends OnnxModel {
  /** per tap asked for, the value that carries it and its shape after pooling; taps that share a value share a name */
  taps: OnnxValue[]
}

const paramSource = (a: Assembler, graph: LayerGraph, params: ReadonlyMap<string, Float32Array>): ParamSource => {
  const read = parameterReader(graph, params)
  return (name, asked) => {
    const tensor = graph.given?.tensors.get(name)
    if (tensor !== undefined) return a.raw(name, tensor)
    const { shape, data } = read(name, asked)
    return a.floats(name, shape, data)
  }
}

/** The value of the node `input`: the pixels, normalised or as they are. */
const emitInput = (a: Assembler, graph: LayerGraph, normalise: boolean): string => {
  // An output may not be an input, so that even `pixels` itself passes through a node; the runtime removes it elsewhere.
  if (!normalise) return a.node('Identity', [INPUT], 'input')
  const { mean, std } = graph.preprocessing
  const centred = a.node('Sub', [INPUT, a.floats('input/mean', [1, 3, 1, 1], Float32Array.from(mean))], 'input/centred')
  return a.node('Div', [centred, a.floats('input/std', [1, 3, 1, 1], Float32Array.from(std))], 'input')
}

/** The tapped value after pooling. */
const emitTap = (a: Assembler, graph: LayerGraph, { layer, pooling }: TapRequest): OnnxValue => {
  const { shape, channels } = findLayer(graph, layer)
  const value = graph.taps.get(layer)!
  const pooled = pooledShape(shape, pooling, channels)
  if (pooled.join() === shape.join()) return { name: value, shape }
  if (channels === 'last') {
    const first = a.node('Transpose', [value], `${value}/first`, { perm: [0, 3, 1, 2] })
    return emitPooled(a, first, [shape[2], shape[0], shape[1]], pooled)
  }
  return emitPooled(a, value, shape, pooled)
}

const emitPooled = (a: Assembler, value: string, shape: readonly number[], pooled: readonly number[]): OnnxValue => {
  if (pooled.join() === shape.join()) return { name: value, shape: [...shape] }
  const name = `${value}/${pooled[1]}x${pooled[2]}`
  return { name: emitAdaptiveAverage(a, value, shape, [pooled[1], pooled[2]], name), shape: [...pooled] }
}

const emitReadout = (a: Assembler, { name, shape }: OnnxValue, { weights, bias }: Readout): OnnxValue => {
  if (weights.rows !== sizeOf(shape) || weights.cols !== bias.length)
    throw new Error(`a readout of ${weights.rows} x ${weights.cols} and ${bias.length} biases does not fit a tap of ${sizeOf(shape)} units`)
  const flat = shape.length === 1 ? name : a.node('Flatten', [name], 'readout.activations', { axis: 1 })
  const map = a.floats('readout.weights', [weights.rows, weights.cols], weights.data)
  return { name: a.node('Gemm', [flat, map, a.floats('readout.bias', [bias.length], bias)], 'rates'), shape: [bias.length] }
}

/** Adds the part of a backbone that the taps need; answers each tap's value after pooling. */
export const emitTaps = (a: Assembler, graph: LayerGraph, params: ReadonlyMap<string, Float32Array>, taps: readonly TapRequest[], normalise: boolean): OnnxValue[] => {
  const param = paramSource(a, graph, params)
  const nodes = neededNodes(graph, taps.map(({ layer }) => graph.taps.get(findLayer(graph, layer).name)!))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  for (const node of nodes) {
    if (node.operation.kind === 'input') emitInput(a, graph, normalise)
    else emitNode(a, node, node.inputs.map((input) => byName.get(input)!), param)
  }
  return taps.map((tap) => emitTap(a, graph, tap))
}

/**
 * The part of a backbone that the taps need, as an ONNX model. Input `pixels`: float32 (n, 3, S, S), RGB. Outputs: each distinct
 * tapped value in its own shape (n, …) after pooling, `taps[i]` of the result saying which is tap i's; or, with a readout, `rates`.
 * VentralError unknown-layer, checkpoint-mismatch.
 */
export const buildOnnx = (graph: LayerGraph, params: ReadonlyMap<string, Float32Array>, options: OnnxOptions): OnnxBuild => {
  const a = createAssembler()
  const taps = emitTaps(a, graph, params, options.taps, options.normalise)
  if (options.readout && taps.length !== 1) throw new Error(`a readout needs one tap, not ${taps.length}`)
  const outputs = options.readout ? [emitReadout(a, taps[0], options.readout)] : [...new Map(taps.map((tap) => [tap.name, tap])).values()]
  return { ...toOnnx(a, { ...options, name: graph.id, input: { name: INPUT, shape: [3, graph.inputSize, graph.inputSize] }, outputs, versions: graph.given }), taps }
}
