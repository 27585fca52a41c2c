import type { NodeProto } from '../numerics/onnx/schema.ts'
import type { GraphNode, LayerGraph } from './graph.ts'
import { sizeOf } from './shapes.ts'

// What a node does, told alike of the operations that are built in and of the nodes of a user's ONNX model.

/** output = weight · input + bias, of a vector */
export interface LinearRole {
  input: GraphNode
  /** parameter, (output x input), or (input x output) where it is `transposed` */
  weight: string
  transposed: boolean
  bias: string | null
}

const givenNode = ({ operation }: GraphNode): NodeProto | null => (operation.kind === 'given' ? operation.node : null)

const numberOf = ({ attribute = [] }: NodeProto, name: string, otherwise: number): number => {
  const found = attribute.find((candidate) => candidate.name === name)
  return found?.f ?? found?.i ?? otherwise
}

export const createRoles = (graph: LayerGraph) => {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]))
  const params = new Set(graph.params.map(({ name }) => name))
  const before = ({ inputs }: GraphNode): GraphNode | null => nodes.get(inputs[0]) ?? null
  const paramOf = ({ input = [] }: NodeProto): string | undefined => input.find((name) => params.has(name))

  const gemm = (node: GraphNode, proto: NodeProto): LinearRole | null => {
    const [, weight, bias = ''] = proto.input!
    const input = before(node)
    const plain = numberOf(proto, 'transA', 0) === 0 && numberOf(proto, 'alpha', 1) === 1 && numberOf(proto, 'beta', 1) === 1
    if (!plain || input === null || !params.has(weight) || (bias !== '' && !params.has(bias))) return null
    return { input, weight, transposed: numberOf(proto, 'transB', 0) === 0, bias: bias === '' ? null : bias }
  }

  /** A product with a matrix, and perhaps a sum with one number per output after it. */
  const product = (node: GraphNode, bias: string | null): LinearRole | null => {
    const proto = givenNode(node)
    const input = before(node)
    const weight = proto?.input?.[1]
    if (proto?.opType !== 'MatMul' || input === null || input.shape.length !== 1 || weight === undefined || !params.has(weight)) return null
    return { input, weight, transposed: true, bias }
  }

  const linear = (node: GraphNode): LinearRole | null => {
    const { operation, shape } = node
    if (shape.length !== 1) return null
    if (operation.kind === 'linear') return { input: before(node)!, weight: operation.weight, transposed: false, bias: operation.bias }
    const proto = givenNode(node)
    if (proto?.opType === 'Gemm') return gemm(node, proto)
    if (proto?.opType !== 'Add') return product(node, null)
    const [of, bias] = [before(node), paramOf(proto)]
    return of === null || bias === undefined ? null : product(of, bias)
  }

  /** The same numbers in another shape, or the same altogether. */
  const keepsNumbers = (node: GraphNode): boolean => {
    if (node.operation.kind === 'flatten') return true
    const input = before(node)
    return input !== null && sizeOf(input.shape) === sizeOf(node.shape) && ['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout'].includes(givenNode(node)?.opType ?? '')
  }

  /** The maps that a node is the mean of, over all places: one number per channel. */
  const averagedMaps = (node: GraphNode): GraphNode | null => {
    const maps = before(node)
    if (maps?.shape.length !== 3 || maps.channels === 'last') return null
    const [channels, rows, columns] = maps.shape
    if (sizeOf(node.shape) !== channels || node.shape[0] !== channels) return null
    const { operation } = node
    if (operation.kind === 'adaptiveAvgPool') return maps
    if (operation.kind === 'avgPool') return operation.kernel[0] === rows && operation.kernel[1] === columns && operation.padding.every((side) => side === 0) ? maps : null
    const opType = givenNode(node)?.opType
    // A mean over other axes would leave as many numbers only by chance; where it could, it is not taken for one.
    return opType === 'GlobalAveragePool' || (opType === 'ReduceMean' && channels !== rows && channels !== columns && channels !== rows * columns) ? maps : null
  }

  return {
    before,
    linear,
    keepsNumbers,
    averagedMaps,
    /** exp(x) over the sum: probabilities, whose order is that of the logits before them */
    isSoftmax: (node: GraphNode): boolean => ['Softmax', 'LogSoftmax'].includes(givenNode(node)?.opType ?? ''),
    isRelu: (node: GraphNode): boolean => node.operation.kind === 'relu' || givenNode(node)?.opType === 'Relu',
    /** a convolution of single places */
    isPointwise: ({ operation, ...node }: GraphNode): boolean => {
      if (operation.kind === 'conv') return sizeOf(operation.kernel) === 1
      const proto = givenNode({ operation, ...node })
      const weight = graph.params.find(({ name }) => name === proto?.input?.[1])
      return proto?.opType === 'Conv' && weight !== undefined && sizeOf(weight.shape.slice(2)) === 1
    },
  }
}
