import type { LayerInfo } from '../../domain/backbone.ts'
import { dataTypes, decodeModel, encodeModel } from '../../numerics/onnx/schema.ts'
import type { GraphNode, LayerGraph } from '../graph.ts'
import type { RawTensor } from '../onnx/assembler.ts'
import type { OnnxVersions } from '../onnx/message.ts'
import { sizeOf } from '../shapes.ts'
import { defaultLayers } from './default-layers.ts'
import { kindOf } from './layer-kinds.ts'
import { layerOf, weightName } from './name-values.ts'
import type { NamedModel, NamedNode } from './name-values.ts'
import type { ModelInput } from './normalisation.ts'
import type { GivenModel } from './read-model.ts'

/**
 * All of a user's model but its weights, as plain data: what `inspectModel` found out once, so that the file is not judged again. `parts`
 * is an ONNX message (base64) of the nodes, under the graph's names, and of the tensors that are no float32 weights.
 */
export interface ModelManifest extends OnnxVersions, ModelInput {
  revision: 1
  producer: string
  /** the values in order; `node` is the place of the value's maker in `parts`, null where it is a further value of the node of its input */
  values: { name: string; inputs: string[]; shape: number[]; node: number | null }[]
  /** float32 tensors by their names in the graph */
  params: { name: string; shape: number[] }[]
  /** layers with the value that each is */
  layers: (LayerInfo & { value: string })[]
  /** the value that the model gives, the first where it gives several; absent where that is no layer */
  end?: string
  parts: string
}

/** The name of the image in the graph of a model: that of the node which normalises it. */
export const IMAGE = 'input'

const isWeight = ({ dataType }: RawTensor): boolean => dataType === dataTypes.float32

const layersOf = (nodes: readonly NamedNode[], shapes: ReadonlyMap<string, number[]>): ModelManifest['layers'] => {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)))
  const layers = nodes.flatMap((node) =>
    node.outputs.flatMap((value) => {
      const shape = shapes.get(value)
      return shape === undefined ? [] : [{ name: layerOf(value), shape, units: sizeOf(shape), kind: kindOf(node, makers, (input) => shapes.has(input)), operator: node.node.opType!, value }]
    }),
  )
  const defaults = defaultLayers(layers)
  return layers.map((layer) => ({ ...layer, default: defaults.has(layer.name) }))
}

const valuesOf = (nodes: readonly NamedNode[], shapes: ReadonlyMap<string, number[]>): ModelManifest['values'] =>
  nodes.flatMap(({ outputs, inputs, name: _ }, node) => {
    const [first, ...further] = outputs.filter((output) => output !== '')
    const shapeOf = (value: string): number[] => shapes.get(value) ?? []
    return [{ name: first, inputs: [...inputs], shape: shapeOf(first), node }, ...further.map((value) => ({ name: value, inputs: [first], shape: shapeOf(value), node: null }))]
  })

/** What is kept of a model whose layers' shapes are known. */
export const toManifest = (model: GivenModel, { nodes, ends }: NamedModel, input: ModelInput, shapes: ReadonlyMap<string, number[]>): ModelManifest => {
  const tensors = [...model.tensors].map(([name, tensor]) => [weightName(name), tensor] as const)
  const initializer = tensors.filter(([, tensor]) => !isWeight(tensor)).map(([name, { shape, dataType, data }]) => ({ name, dims: [...shape], dataType, rawData: data }))
  return {
    revision: 1,
    ...input,
    opsets: model.opsets,
    irVersion: model.irVersion,
    producer: model.producer,
    values: valuesOf(nodes, shapes),
    params: tensors.filter(([, tensor]) => isWeight(tensor)).map(([name, { shape }]) => ({ name, shape: [...shape] })),
    layers: layersOf(nodes, shapes),
    ...(shapes.has(ends[0]) ? { end: ends[0] } : {}),
    parts: Buffer.from(encodeModel({ graph: { node: nodes.map(({ node }) => node), initializer } })).toString('base64'),
  }
}

/** The layer graph of a stored model. */
export const toGraph = (id: string, manifest: ModelManifest): LayerGraph => {
  const { graph } = decodeModel(Buffer.from(manifest.parts, 'base64'), id)
  const tensors = graph!.initializer!.map(({ name, dims, dataType, rawData }) => [name!, { shape: dims!, dataType: dataType!, data: rawData ?? new Uint8Array() }] as const)
  const image: GraphNode = { name: IMAGE, operation: { kind: 'input' }, inputs: [], shape: [3, manifest.inputSize, manifest.inputSize] }
  const values = manifest.values.map(({ name, inputs, shape, node }): GraphNode => ({ name, operation: { kind: 'given', node: node === null ? null : graph!.node![node] }, inputs, shape }))
  return {
    id,
    family: 'onnx',
    inputSize: manifest.inputSize,
    preprocessing: manifest.preprocessing,
    nodes: [image, ...values],
    constants: new Map(),
    params: manifest.params.map(({ name, shape }) => ({ name, shape, kind: 'weight', init: null })),
    layers: manifest.layers.map(({ value: _, ...layer }) => layer),
    taps: new Map(manifest.layers.map(({ name, value }) => [name, value])),
    given: { opsets: manifest.opsets, irVersion: manifest.irVersion, tensors: new Map(tensors), end: manifest.end },
  }
}
