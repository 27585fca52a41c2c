import type { LayerInfo, Preprocessing } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import type { NodeProto } from '../numerics/onnx/schema.ts'
import type { Constant } from './constants.ts'
import type { Init } from './init-rules.ts'
import { nearest } from './nearest-names.ts'
import type { RawTensor } from './onnx/assembler.ts'
import type { OnnxVersions } from './onnx/message.ts'
import type { Pair, Window } from './shapes.ts'

/** Pointwise non-linearities besides the ReLUs; `gelu` is the exact one, by the error function. */
export type ActivationForm = 'silu' | 'hardswish' | 'sigmoid' | 'hardsigmoid' | 'gelu' | 'tanh' | 'elu' | 'exp'

/** What a node computes. Strings name parameters. */
export type Operation =
  /** the network's input: the image after normalisation */
  | { kind: 'input' }
  /** zeros for as many images as the node's input has */
  | { kind: 'zeros' }
  | ({ kind: 'conv'; weight: string; bias: string | null; dilation: Pair; groups: number } & Window)
  | { kind: 'batchNorm'; weight: string; bias: string; mean: string; variance: string; epsilon: number }
  | { kind: 'groupNorm'; weight: string; bias: string; groups: number; epsilon: number }
  | { kind: 'relu' }
  | { kind: 'relu6' }
  | { kind: 'activation'; form: ActivationForm }
  /** torch's LayerNorm: over the channels at each place, wherever the channels lie */
  | { kind: 'layerNorm'; weight: string; bias: string; epsilon: number; channels: 'first' | 'last' }
  | ({ kind: 'maxPool'; ceil: boolean } & Window)
  /** the padding, where there is any, counts in the mean */
  | ({ kind: 'avgPool' } & Window)
  | { kind: 'adaptiveAvgPool'; size: Pair }
  /** over the last axis */
  | { kind: 'linear'; weight: string; bias: string }
  | { kind: 'square' }
  | { kind: 'root' }
  /** the second value is one number per place */
  | { kind: 'divide' }
  | { kind: 'add' }
  /** the largest, unit by unit, of two or more values */
  | { kind: 'max' }
  /** times the second value, which is one number per channel or per unit */
  | { kind: 'gate' }
  /** times one parameter per channel */
  | { kind: 'scale'; weight: string }
  /** axes of the value without the image axis, in their new order */
  | { kind: 'permute'; order: readonly [number, number, number] }
  /** channels from … to - 1 */
  | { kind: 'channels'; from: number; to: number }
  /** zeros around the rows and columns, [rows, columns] at the beginning and at the end; a negative number takes as many away */
  | { kind: 'pad'; before: Pair; after: Pair }
  /** deals the channels of each group out in turn (Zhang et al. 2018, ShuffleNet) */
  | { kind: 'shuffle'; groups: number }
  /** along the channels */
  | { kind: 'concat' }
  | { kind: 'flatten' }
  /** a node of a user's ONNX model, its values under the names that they have in this graph; null: a further value of the node of the input */
  | { kind: 'given'; node: NodeProto | null }

/** One value of the network, computed once and never changed. */
export interface GraphNode {
  name: string
  operation: Operation
  /** names of earlier nodes */
  inputs: readonly string[]
  /** without the image axis */
  shape: readonly number[]
  /** where the shape is (rows, columns, channels) rather than (channels, rows, columns) */
  channels?: 'last'
}

export type ParamKind = 'weight' | 'bias' | 'normWeight' | 'normBias' | 'runningMean' | 'runningVar' | 'layerScale'

/** A parameter or buffer, named as PyTorch's state_dict names it. */
export interface ParamSpec {
  name: string
  shape: readonly number[]
  kind: ParamKind
  /** null: only a file has its values */
  init: Init | null
}

/** A backbone: plain data that the ONNX builder, the initialiser and the checkpoint readers share. */
export interface LayerGraph {
  id: string
  family: string
  inputSize: number
  preprocessing: Preprocessing
  /** in an order in which they can be computed */
  nodes: readonly GraphNode[]
  /** what is fixed and no parameter, by the names that operations use; `data` may be made when it is first read */
  constants: ReadonlyMap<string, Constant>
  /** in the order of the published checkpoint */
  params: readonly ParamSpec[]
  /** every tap, in the order in which torch's modules return */
  layers: readonly LayerInfo[]
  /** tap to the node whose value it is; two taps may share a node (`layer1` is `layer1.1` in ResNet-18) */
  taps: ReadonlyMap<string, string>
  /** of a user's ONNX model: what it states, and its tensors that are no float32 parameters */
  given?: OnnxVersions & { tensors: ReadonlyMap<string, RawTensor>; /** the value that it gives, where that has a row per image */ end?: string }
}

/** The tap of that name. VentralError unknown-layer, with the nearest names, when there is none. */
export const findLayer = (graph: LayerGraph, name: string, pointer = '/layers'): LayerInfo => {
  const layer = graph.layers.find((candidate) => candidate.name === name)
  if (layer) return layer
  const near = nearest(name, graph.layers.map((candidate) => candidate.name))
  throw new VentralError(
    'unknown-layer',
    `${graph.id} has no layer "${name}". The nearest are ${near.join(', ')}; GET /backbones/${graph.id} lists all ${graph.layers.length}.`,
    [{ pointer, expected: `a layer of ${graph.id}`, found: name }],
  )
}

/**
 * The layers without those that only repeat another one's value: of the taps that share a node, the default one is kept, else the
 * outermost module (`layer1` rather than `layer1.1`).
 */
export const distinctLayers = (graph: LayerGraph): LayerInfo[] => {
  const kept = new Map<string, LayerInfo>()
  for (const layer of graph.layers) {
    const node = graph.taps.get(layer.name)!
    if (!kept.get(node)?.default) kept.set(node, layer)
  }
  return graph.layers.filter((layer) => kept.get(graph.taps.get(layer.name)!) === layer)
}
