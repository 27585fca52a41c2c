import type { Preprocessing } from '../../domain/backbone.ts'
import type { GraphNode } from '../graph.ts'
import type { ConvOptions, GraphBuilder } from '../graph-builder.ts'
import { imageNetPreprocessing } from '../graph-builder.ts'
import type { InitRules } from '../init-rules.ts'
import { normalOf, torchDefault } from '../init-rules.ts'

const EPSILON = 1e-3

/** Convolution without bias, batch norm, ReLU; the ReLU is a function in torch, and the module's value. */
export const normedConv = (g: GraphBuilder, name: string, x: GraphNode, options: Omit<ConvOptions, 'bias'>): GraphNode => {
  const y = g.batchNorm(`${name}.bn`, g.conv(`${name}.conv`, x, { ...options, bias: false }), { epsilon: EPSILON })
  return g.relu(name, y)
}

/** N(0, .1²) everywhere, biases as torch's default. */
export const inceptionInit: InitRules = {
  conv: normalOf(0.1),
  linear: (shape) => ({ weight: { kind: 'normal', std: 0.1 }, bias: torchDefault(shape).bias }),
}

/** The published weights were trained on pixels about .5, in units of .5: torchvision's `transform_input` maps ImageNet's normalisation to it. */
export const inceptionPreprocessing = (inputSize: number): Preprocessing => ({ ...imageNetPreprocessing(inputSize), mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] })
