import type { ActivationForm, GraphNode } from '../graph.ts'
import type { Window } from '../shapes.ts'
import type { Assembler } from './assembler.ts'
import { emitAdaptiveAverage } from './pooling.ts'

/** Gives the name of a parameter's initializer, in the given shape. */
export type ParamSource = (name: string, shape?: readonly number[]) => string

/** The name of the model's one input. */
export const INPUT = 'pixels'

const window = ({ kernel, stride, padding }: Window) => ({
  kernel_shape: [...kernel],
  strides: [...stride],
  pads: [...padding, ...padding],
})

/**
 * ONNX pads of a max pool. For torch's ceil_mode the end is padded until the last window fits: that is exact, since a max pool's
 * padding never wins, and does not depend on how a runtime reads ONNX's own ceil_mode.
 */
const maxPoolPads = (operation: Window & { ceil: boolean }, from: readonly number[], to: readonly number[]): number[] => {
  const { kernel, stride, padding, ceil } = operation
  const end = [0, 1].map((i) => (ceil ? Math.max(padding[i], (to[i + 1] - 1) * stride[i] + kernel[i] - from[i + 1] - padding[i]) : padding[i]))
  return [...padding, ...end]
}

const emitActivation = (a: Assembler, form: ActivationForm, x: string, name: string): string => {
  switch (form) {
    case 'silu':
      return a.node('Mul', [x, a.node('Sigmoid', [x], `${name}/sigmoid`)], name)
    case 'hardswish':
      return a.node('HardSwish', [x], name)
    case 'tanh':
      return a.node('Tanh', [x], name)
    case 'elu':
      return a.node('Elu', [x], name, { alpha: { float: 1 } })
    case 'exp':
      return a.node('Exp', [x], name)
    case 'sigmoid':
      return a.node('Sigmoid', [x], name)
    case 'hardsigmoid':
      return a.node('HardSigmoid', [x], name, { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })
    case 'gelu': {
      // x Φ(x). ONNX has an operator for it only from opset 20.
      const erf = a.node('Erf', [a.node('Mul', [x, a.floats('gelu.scale', [], Float32Array.of(Math.SQRT1_2))], `${name}/scaled`)], `${name}/erf`)
      const twice = a.node('Add', [erf, a.floats('one', [], Float32Array.of(1))], `${name}/twice`)
      return a.node('Mul', [a.node('Mul', [x, twice], `${name}/product`), a.floats('half', [], Float32Array.of(0.5))], name)
    }
  }
}

/** Adds the ONNX nodes that compute one node of a layer graph; the last one's value carries the node's name, as its inputs carry theirs. */
export const emitNode = (a: Assembler, node: GraphNode, inputs: GraphNode[], param: ParamSource): string => {
  const { name, operation: op, shape } = node
  const [x] = node.inputs
  switch (op.kind) {
    case 'input':
      throw new Error('the input has no operator: build-onnx normalises it')
    case 'zeros': {
      const count = a.node('Shape', [INPUT], `${name}/count`, { start: 0, end: 1 })
      const wanted = a.node('Concat', [count, a.ints(`${name}/sides`, shape)], `${name}/shape`, { axis: 0 })
      return a.node('ConstantOfShape', [wanted], name)
    }
    case 'conv': {
      const weights = op.bias === null ? [param(op.weight)] : [param(op.weight), param(op.bias)]
      return a.node('Conv', [x, ...weights], name, { ...window(op), dilations: [...op.dilation], group: op.groups })
    }
    case 'batchNorm':
      return a.node('BatchNormalization', [x, param(op.weight), param(op.bias), param(op.mean), param(op.variance)], name, { epsilon: { float: op.epsilon } })
    case 'groupNorm': {
      // Each group as one channel of an instance norm, then torch's scale and shift per channel. (ONNX's own GroupNormalization
      // takes them per channel only from opset 21.)
      const ones = a.floats(`ones.${op.groups}`, [op.groups], new Float32Array(op.groups).fill(1))
      const zeros = a.floats(`zeros.${op.groups}`, [op.groups], new Float32Array(op.groups))
      const grouped = a.node('Reshape', [x, a.ints(`groups.${op.groups}`, [0, op.groups, -1])], `${name}/grouped`)
      const normal = a.node('InstanceNormalization', [grouped, ones, zeros], `${name}/normal`, { epsilon: { float: op.epsilon } })
      const restored = a.node('Reshape', [normal, a.ints(`sides.${shape.join('x')}`, [0, ...shape])], `${name}/restored`)
      const scaled = a.node('Mul', [restored, param(op.weight, [shape[0], 1, 1])], `${name}/scaled`)
      return a.node('Add', [scaled, param(op.bias, [shape[0], 1, 1])], name)
    }
    case 'relu':
      return a.node('Relu', [x], name)
    case 'relu6':
      return a.node('Clip', [x, a.floats('zero', [], Float32Array.of(0)), a.floats('six', [], Float32Array.of(6))], name)
    case 'maxPool':
      return a.node('MaxPool', [x], name, { ...window(op), pads: maxPoolPads(op, inputs[0].shape, shape) })
    case 'avgPool':
      return a.node('AveragePool', [x], name, { ...window(op), count_include_pad: 1 })
    case 'adaptiveAvgPool':
      return emitAdaptiveAverage(a, x, inputs[0].shape, op.size, name)
    case 'activation':
      return emitActivation(a, op.form, x, name)
    case 'layerNorm': {
      const norm = (value: string, output: string): string =>
        a.node('LayerNormalization', [value, param(op.weight), param(op.bias)], output, { axis: -1, epsilon: { float: op.epsilon } })
      if (op.channels === 'last') return norm(x, name)
      const last = a.node('Transpose', [x], `${name}/last`, { perm: [0, 2, 3, 1] })
      return a.node('Transpose', [norm(last, `${name}/normal`)], name, { perm: [0, 3, 1, 2] })
    }
    case 'linear': {
      if (shape.length === 1) return a.node('Gemm', [x, param(op.weight), param(op.bias)], name, { transB: 1 })
      const weight = a.node('Transpose', [param(op.weight)], `${name}/weight`, { perm: [1, 0] })
      return a.node('Add', [a.node('MatMul', [x, weight], `${name}/product`), param(op.bias)], name)
    }
    case 'square':
      return a.node('Mul', [x, x], name)
    case 'root':
      return a.node('Sqrt', [x], name)
    case 'divide':
      return a.node('Div', [...node.inputs], name)
    case 'gate':
      return a.node('Mul', [...node.inputs], name)
    case 'scale':
      return a.node('Mul', [x, param(op.weight)], name)
    case 'permute':
      return a.node('Transpose', [x], name, { perm: [0, ...op.order.map((axis) => axis + 1)] })
    case 'channels':
      return a.node('Slice', [x, a.ints(`channel.${op.from}`, [op.from]), a.ints(`channel.${op.to}`, [op.to]), a.ints('channels', [1])], name)
    case 'pad':
      return a.node('Pad', [x, a.ints(`pads.${[...op.before, ...op.after].join('.')}`, [0, 0, ...op.before, 0, 0, ...op.after])], name)
    case 'shuffle': {
      const [channels, ...sides] = shape
      const grouped = a.node('Reshape', [x, a.ints(`shuffle.${op.groups}.${shape.join('x')}`, [0, op.groups, channels / op.groups, ...sides])], `${name}/grouped`)
      const dealt = a.node('Transpose', [grouped], `${name}/dealt`, { perm: [0, 2, 1, 3, 4] })
      return a.node('Reshape', [dealt, a.ints(`sides.${shape.join('x')}`, [0, ...shape])], name)
    }
    case 'add':
      return a.node('Add', [...node.inputs], name)
    case 'max':
      return a.node('Max', [...node.inputs], name)
    case 'concat':
      return a.node('Concat', [...node.inputs], name, { axis: 1 })
    case 'flatten':
      return a.node('Flatten', [x], name, { axis: 1 })
    case 'given': {
      if (op.node === null) return name // the node of its first value has it among its outputs
      for (const input of op.node.input!) if (input !== '' && !node.inputs.includes(input)) param(input)
      a.given(op.node)
      return name
    }
  }
}
