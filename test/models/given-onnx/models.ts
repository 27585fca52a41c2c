import fs from 'node:fs'
import path from 'node:path'
import type { ModelSettings } from '../../../src/domain/given-model.ts'
import { openBackbone } from '../../../src/models/activations.ts'
import { inspectModel } from '../../../src/models/given-onnx/inspect-model.ts'
import { toGraph } from '../../../src/models/given-onnx/manifest.ts'
import { readGivenParams } from '../../../src/models/given-onnx/read-given-params.ts'
import type { LayerGraph } from '../../../src/models/graph.ts'
import { node, tensor, valueInfo } from '../../../src/numerics/onnx/parts.ts'
import type { GraphProto, ModelProto } from '../../../src/numerics/onnx/schema.ts'
import { encodeModel } from '../../../src/numerics/onnx/schema.ts'

export const exported = (name: string): string => path.resolve(import.meta.dirname, '../../reference/onnx', name)

/** The model of a file as the pipeline has it. */
export const openGiven = async (file: string, settings: ModelSettings = {}): Promise<{ graph: LayerGraph; params: Map<string, Float32Array> }> => {
  const graph = toGraph('onnx:net', await inspectModel(file, { where: path.basename(file), settings, threads: 1 }))
  return { graph, params: await readGivenParams(file, graph.params, path.basename(file)) }
}

/** Activations of the layers, whole, by one pass. */
export const runLayers = async ({ graph, params }: { graph: LayerGraph; params: ReadonlyMap<string, Float32Array> }, layers: readonly string[], pixels: Float32Array, count: number, normalise: boolean): Promise<Map<string, Float32Array>> => {
  const backbone = await openBackbone({ graph, params, taps: layers.map((layer) => ({ layer, pooling: 'none' })), threads: 1, normalise })
  try {
    return await backbone.run(pixels, count)
  } finally {
    await backbone.close()
  }
}

/** A convolution, a ReLU and a mean: the least that is a backbone. */
export const smallGraph = (): Required<Pick<GraphProto, 'name' | 'node' | 'initializer' | 'input' | 'output'>> => ({
  name: 'small',
  node: [node('Conv', ['image', 'w', 'b'], ['conv'], { kernel_shape: [3, 3] }), node('Relu', ['conv'], ['relu']), node('GlobalAveragePool', ['relu'], ['mean'])],
  initializer: [tensor('w', [4, 3, 3, 3], Float32Array.from({ length: 108 }, (_, i) => Math.sin(i))), tensor('b', [4], Float32Array.of(0, 0.1, -0.1, 0.2))],
  input: [valueInfo('image', 'float32', ['n', 3, 16, 16])],
  output: [valueInfo('mean', 'float32', ['n', 4, 1, 1])],
})

export const modelBytes = (graph: GraphProto, change: Partial<ModelProto> = {}): Uint8Array => encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph, ...change })

export const writeModel = (folder: string, bytes: Uint8Array, name = 'net.onnx'): string => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, bytes)
  return file
}
