import type { Matrix } from '../domain/matrix.ts'
import { buildOnnx, emitTaps } from './build-onnx.ts'
import type { OnnxOptions, TapRequest } from './build-onnx.ts'
import { commonVersions } from './common-versions.ts'
import type { LayerGraph } from './graph.ts'
import { createAssembler, prefixed } from './onnx/assembler.ts'
import { toOnnx } from './onnx/message.ts'
import type { OnnxModel } from './onnx/message.ts'
import { INPUT } from './onnx/operators.ts'
import { sizeOf } from './shapes.ts'

/** A layer that an encoder reads, with its part of the readout. */
export interface EncoderTap extends TapRequest {
  graph: LayerGraph
  /** taps of the same map are of one network, which runs once */
  params: ReadonlyMap<string, Float32Array>
  /** (unit x site) */
  weights: Matrix<Float32Array>
}

/**
 * An encoder as one ONNX model: `pixels`, RGB in [0, 1] of the size that all its networks take, to `rates` (n, site), the sum over the
 * taps of activations · weights, plus the bias. Each network normalises the pixels as it needs; of several the names carry a prefix.
 */
export const buildEncoder = (taps: readonly EncoderTap[], bias: Float32Array, options: Pick<OnnxOptions, 'metadata' | 'externalAbove' | 'weightsFile'>): OnnxModel => {
  const [{ graph, params, weights }] = taps
  if (taps.length === 1) return buildOnnx(graph, params, { ...options, taps, normalise: true, readout: { weights, bias } })
  if (taps.some((tap) => tap.graph.inputSize !== graph.inputSize)) throw new Error('the networks of one encoder must take images of one size')
  const versions = commonVersions(taps.map((tap) => tap.graph))
  if (versions === null) throw new Error('the networks of one encoder must agree in their operator sets')
  const a = createAssembler()
  const networks = [...new Set(taps.map((tap) => tap.params))]
  const parts = networks.flatMap((network, k) => {
    const prefix = networks.length === 1 ? '' : `network${k}/`
    const own = taps.filter((tap) => tap.params === network)
    const values = emitTaps(prefixed(a, prefix, [INPUT]), own[0].graph, network, own, true)
    return own.map((tap, i) => ({ tap, value: prefix + values[i].name, shape: values[i].shape }))
  })
  const rates = parts.map(({ tap, value, shape }, k) => {
    if (tap.weights.rows !== sizeOf(shape) || tap.weights.cols !== bias.length) throw new Error(`a readout of ${tap.weights.rows} x ${tap.weights.cols} does not fit ${tap.layer}`)
    const flat = shape.length === 1 ? value : a.node('Flatten', [value], `readout.${k}.activations`, { axis: 1 })
    return a.node('MatMul', [flat, a.floats(`readout.${k}.weights`, [tap.weights.rows, tap.weights.cols], tap.weights.data)], `readout.${k}`)
  })
  const sum = a.node('Sum', rates, 'readout.sum')
  a.node('Add', [sum, a.floats('readout.bias', [bias.length], bias)], 'rates')
  const side = graph.inputSize
  return toOnnx(a, { ...options, versions, name: networks.length === 1 ? graph.id : 'networks', input: { name: INPUT, shape: [3, side, side] }, outputs: [{ name: 'rates', shape: [bias.length] }] })
}
