import type { LayerInfo, LayerKind, Preprocessing } from '../domain/backbone.ts'
import { constantOf } from './constants.ts'
import type { Constant, Given } from './constants.ts'
import type { ActivationForm, GraphNode, LayerGraph, Operation, ParamKind, ParamSpec } from './graph.ts'
import type { Init, InitRules, WeightInit } from './init-rules.ts'
import { torchDefaults } from './init-rules.ts'
import { layerKinds } from './layer-kinds.ts'
import type { Pair } from './shapes.ts'
import { samePair, sizeOf, windowSide } from './shapes.ts'

type Side = number | Pair
const pair = (side: Side): Pair => (typeof side === 'number' ? [side, side] : side)

/** `params`: the module's name where it differs from the node's (a module that runs at several time steps). `listed: false`: no tap. */
export interface NodeOptions {
  params?: string
  listed?: boolean
}
/** Padding defaults to 0, stride and dilation to 1, groups to 1, bias to true: torch's defaults. */
export interface ConvOptions extends NodeOptions {
  out: number
  kernel: Side
  stride?: Side
  padding?: Side
  dilation?: Side
  groups?: number
  bias?: boolean
  init?: WeightInit
}
export interface NormOptions extends NodeOptions {
  epsilon?: number
}
export interface PoolOptions extends NodeOptions {
  kernel: Side
  stride: Side
  padding?: Side
}

export const imageNetPreprocessing = (inputSize: number): Preprocessing => ({
  resize: { width: inputSize, height: inputSize, filter: 'bilinear' },
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  revision: 1,
})

const constant = (value: number): Init => ({ kind: 'constant', value })

/** Values that no module of torch's returns: no taps unless a module is said to return them. */
const unlisted: NodeOptions = { listed: false }

export type GraphBuilder = ReturnType<typeof createGraphBuilder>

/**
 * Builds a layer graph: each method adds one node, infers its shape, declares its parameters and, unless told otherwise, lists it
 * as a tap. Written so that a family's file reads like the paper's table. What cannot be (a wrong shape, a name used twice) throws
 * at once: a defect, not a user's error.
 */
export const createGraphBuilder = (facts: { id: string; family: string; inputSize?: number; init?: InitRules; preprocessing?: Preprocessing }) => {
  const { id, family, inputSize = 224, init = torchDefaults } = facts
  const nodes = new Map<string, GraphNode>()
  const params = new Map<string, ParamSpec>()
  const constants = new Map<string, Constant>()
  const layers: Omit<LayerInfo, 'default'>[] = []
  const taps = new Map<string, string>()

  const list = (name: string, node: GraphNode, kind: LayerKind): void => {
    if (taps.has(name)) throw new Error(`${id}: two taps are called ${name}`)
    taps.set(name, node.name)
    layers.push({ name, shape: [...node.shape], units: sizeOf(node.shape), ...(node.channels === undefined ? {} : { channels: node.channels }), kind })
  }

  const addNode = (name: string, operation: Operation, inputs: GraphNode[], shape: readonly number[], options: NodeOptions = {}): GraphNode => {
    if (nodes.has(name)) throw new Error(`${id}: two nodes are called ${name}`)
    if (!shape.every((side) => Number.isInteger(side) && side > 0)) throw new Error(`${id}: ${name} would have the shape ${shape.join(' x ')}`)
    const channelsLast = operation.kind === 'permute' ? operation.order[2] === 0 : shape.length === 3 && inputs[0]?.channels === 'last'
    const node: GraphNode = { name, operation, inputs: inputs.map((input) => input.name), shape, ...(channelsLast ? { channels: 'last' } : {}) }
    nodes.set(name, node)
    if (options.listed !== false) list(name, node, layerKinds[operation.kind])
    return node
  }

  /** Declared twice (a module that runs at several time steps) it is one parameter, and must have one shape. */
  const param = (name: string, shape: number[], kind: ParamKind, rule: Init): string => {
    const known = params.get(name)
    if (known && known.shape.join() !== shape.join()) throw new Error(`${id}: ${name} is ${known.shape.join('x')} and ${shape.join('x')}`)
    if (!known) params.set(name, { name, shape, kind, init: rule })
    return name
  }

  const declareConstant = (name: string, shape: number[], given: Given): string => {
    const known = constants.get(name)
    if (known && known.shape.join() !== shape.join()) throw new Error(`${id}: ${name} is ${known.shape.join('x')} and ${shape.join('x')}`)
    if (!known) constants.set(name, constantOf(shape, given))
    return name
  }

  /** Declares a convolution's parameters ahead of its first use, where the checkpoint's order is not that of use. */
  const declareConv = (name: string, inChannels: number, options: ConvOptions): { weight: string; bias: string | null } => {
    const shape = [options.out, inChannels / (options.groups ?? 1), ...pair(options.kernel)]
    const rule = options.init ?? init.conv(shape)
    return {
      weight: param(`${name}.weight`, shape, 'weight', rule.weight),
      bias: options.bias === false ? null : param(`${name}.bias`, [options.out], 'bias', rule.bias),
    }
  }

  /** Declares a linear layer's parameters, also of a head that only training uses. */
  const declareLinear = (name: string, inChannels: number, out: number, options: { init?: WeightInit } = {}): { weight: string; bias: string } => {
    const rule = options.init ?? init.linear([out, inChannels])
    return { weight: param(`${name}.weight`, [out, inChannels], 'weight', rule.weight), bias: param(`${name}.bias`, [out], 'bias', rule.bias) }
  }

  /** Declares a norm's scale and shift ahead of its first use. */
  const declareNorm = (name: string, channels: number): { weight: string; bias: string } => ({
    weight: param(`${name}.weight`, [channels], 'normWeight', constant(1)),
    bias: param(`${name}.bias`, [channels], 'normBias', constant(0)),
  })

  /** Declares a batch norm's parameters ahead of its first use. */
  const declareBatchNorm = (name: string, channels: number) => ({
    ...declareNorm(name, channels),
    mean: param(`${name}.running_mean`, [channels], 'runningMean', constant(0)),
    variance: param(`${name}.running_var`, [channels], 'runningVar', constant(1)),
  })

  const slide = (shape: readonly number[], kernel: Pair, stride: Pair, padding: Pair, ceil = false, dilation: Pair = [1, 1]): [number, number] => [
    windowSide(shape[1], kernel[0], stride[0], padding[0], ceil, dilation[0]),
    windowSide(shape[2], kernel[1], stride[1], padding[1], ceil, dilation[1]),
  ]

  const input = addNode('input', { kind: 'input' }, [], [3, inputSize, inputSize], unlisted)

  return {
    input,
    declareConv,
    declareLinear,
    declareNorm,
    declareBatchNorm,

    conv: (name: string, x: GraphNode, options: ConvOptions): GraphNode => {
      const [kernel, stride, padding, dilation] = [options.kernel, options.stride ?? 1, options.padding ?? 0, options.dilation ?? 1].map(pair)
      const names = declareConv(options.params ?? name, x.shape[0], options)
      const shape = [options.out, ...slide(x.shape, kernel, stride, padding, false, dilation)]
      return addNode(name, { kind: 'conv', ...names, kernel, stride, padding, dilation, groups: options.groups ?? 1 }, [x], shape, options)
    },

    /** A convolution with filters that are given, (out, in, rows, columns), and one offset for all or one for each. Those of one `params` are the first's. */
    filter: (name: string, x: GraphNode, filters: Given, options: Omit<ConvOptions, 'bias' | 'groups' | 'init' | 'dilation'> & { offset?: number | Given }): GraphNode => {
      const [kernel, stride, padding] = [options.kernel, options.stride ?? 1, options.padding ?? 0].map(pair)
      const shared = options.params ?? name
      const weight = declareConstant(`${shared}.filters`, [options.out, x.shape[0], ...kernel], filters)
      const { offset, out } = options
      const bias = offset === undefined ? null : declareConstant(`${shared}.offset`, [out], typeof offset === 'number' ? new Float32Array(out).fill(offset) : offset)
      return addNode(name, { kind: 'conv', weight, bias, kernel, stride, padding, dilation: [1, 1], groups: 1 }, [x], [out, ...slide(x.shape, kernel, stride, padding)], options)
    },

    batchNorm: (name: string, x: GraphNode, options: NormOptions = {}): GraphNode => {
      const names = declareBatchNorm(options.params ?? name, x.shape[0])
      return addNode(name, { kind: 'batchNorm', ...names, epsilon: options.epsilon ?? 1e-5 }, [x], x.shape, options)
    },

    groupNorm: (name: string, x: GraphNode, options: NormOptions & { groups: number }): GraphNode => {
      const names = declareNorm(options.params ?? name, x.shape[0])
      return addNode(name, { kind: 'groupNorm', ...names, groups: options.groups, epsilon: options.epsilon ?? 1e-5 }, [x], x.shape, options)
    },

    relu: (name: string, x: GraphNode, options?: NodeOptions): GraphNode => addNode(name, { kind: 'relu' }, [x], x.shape, options),

    relu6: (name: string, x: GraphNode, options?: NodeOptions): GraphNode => addNode(name, { kind: 'relu6' }, [x], x.shape, options),

    maxPool: (name: string, x: GraphNode, options: PoolOptions & { ceil?: boolean }): GraphNode => {
      const [kernel, stride, padding] = [options.kernel, options.stride, options.padding ?? 0].map(pair)
      const ceil = options.ceil ?? false
      return addNode(name, { kind: 'maxPool', kernel, stride, padding, ceil }, [x], [x.shape[0], ...slide(x.shape, kernel, stride, padding, ceil)], options)
    },

    avgPool: (name: string, x: GraphNode, options: PoolOptions): GraphNode => {
      const [kernel, stride, padding] = [options.kernel, options.stride, options.padding ?? 0].map(pair)
      return addNode(name, { kind: 'avgPool', kernel, stride, padding }, [x], [x.shape[0], ...slide(x.shape, kernel, stride, padding)], options)
    },

    /** Where the input has the size already (VGG's at 224) the value is the input's own. */
    adaptiveAvgPool: (name: string, x: GraphNode, size: Side, options?: NodeOptions): GraphNode => {
      if (samePair(pair(size), [x.shape[1], x.shape[2]])) {
        if (options?.listed !== false) list(name, x, 'pool')
        return x
      }
      return addNode(name, { kind: 'adaptiveAvgPool', size: pair(size) }, [x], [x.shape[0], ...pair(size)], options)
    },

    /** Of a vector, or at each place of (rows, columns, channels). */
    linear: (name: string, x: GraphNode, out: number, options: NodeOptions & { init?: WeightInit } = {}): GraphNode => {
      if (x.shape.length !== 1 && x.channels !== 'last') throw new Error(`${id}: ${name} needs a vector, or channels that come last`)
      const names = declareLinear(options.params ?? name, x.shape.at(-1)!, out, options)
      return addNode(name, { kind: 'linear', ...names }, [x], [...x.shape.slice(0, -1), out], options)
    },

    activation: (name: string, x: GraphNode, form: ActivationForm, options?: NodeOptions): GraphNode => addNode(name, { kind: 'activation', form }, [x], x.shape, options),

    layerNorm: (name: string, x: GraphNode, options: NormOptions & { channels: 'first' | 'last' }): GraphNode => {
      const names = declareNorm(options.params ?? name, options.channels === 'first' ? x.shape[0] : x.shape[2])
      return addNode(name, { kind: 'layerNorm', ...names, epsilon: options.epsilon ?? 1e-5, channels: options.channels }, [x], x.shape, options)
    },

    permute: (name: string, x: GraphNode, order: readonly [number, number, number]): GraphNode =>
      addNode(name, { kind: 'permute', order }, [x], order.map((axis) => x.shape[axis])),

    /** Declares one number per channel, for `scale`. */
    declareScale: (name: string, channels: number, initial: number): string => param(name, [channels, 1, 1], 'layerScale', constant(initial)),
    /** Each channel times its number. */
    scale: (name: string, x: GraphNode, weight: string): GraphNode => addNode(name, { kind: 'scale', weight }, [x], x.shape),

    square: (name: string, x: GraphNode): GraphNode => addNode(name, { kind: 'square' }, [x], x.shape, unlisted),
    root: (name: string, x: GraphNode, options?: NodeOptions): GraphNode => addNode(name, { kind: 'root' }, [x], x.shape, options),
    /** Each place of x over the divisor's one value there. */
    divide: (name: string, x: GraphNode, divisor: GraphNode, options?: NodeOptions): GraphNode => {
      if (divisor.shape.join() !== [1, ...x.shape.slice(1)].join()) throw new Error(`${id}: ${name} divides ${x.shape.join('x')} by ${divisor.shape.join('x')}`)
      return addNode(name, { kind: 'divide' }, [x, divisor], x.shape, options)
    },

    // Sums, concatenations, flattening and zeros are no modules in torch, so that they are no taps unless a module returns their value.
    add: (name: string, a: GraphNode, b: GraphNode): GraphNode => {
      if (a.shape.join() !== b.shape.join()) throw new Error(`${id}: ${name} adds ${a.shape.join('x')} and ${b.shape.join('x')}`)
      return addNode(name, { kind: 'add' }, [a, b], a.shape, unlisted)
    },
    max: (name: string, inputs: GraphNode[], options?: NodeOptions): GraphNode => {
      if (new Set(inputs.map(({ shape }) => shape.join('x'))).size !== 1) throw new Error(`${id}: ${name} compares ${inputs.map(({ shape }) => shape.join('x')).join(' and ')}`)
      return addNode(name, { kind: 'max' }, inputs, inputs[0].shape, options)
    },
    /** Each channel of x times the gate's one value of it, or each unit times its own. */
    gate: (name: string, x: GraphNode, gate: GraphNode): GraphNode => {
      if (gate.shape.join() !== `${x.shape[0]},1,1` && gate.shape.join() !== x.shape.join()) throw new Error(`${id}: ${name} gates ${x.shape.join('x')} by ${gate.shape.join('x')}`)
      return addNode(name, { kind: 'gate' }, [x, gate], x.shape, unlisted)
    },
    channels: (name: string, x: GraphNode, from: number, to: number): GraphNode => addNode(name, { kind: 'channels', from, to }, [x], [to - from, ...x.shape.slice(1)], unlisted),
    pad: (name: string, x: GraphNode, before: Side, after: Side, options = unlisted): GraphNode => {
      const [begin, end] = [before, after].map(pair)
      const [depth, rows, columns] = x.shape
      return addNode(name, { kind: 'pad', before: begin, after: end }, [x], [depth, begin[0] + rows + end[0], begin[1] + columns + end[1]], options)
    },
    shuffle: (name: string, x: GraphNode, groups: number): GraphNode => addNode(name, { kind: 'shuffle', groups }, [x], x.shape, unlisted),
    concat: (name: string, inputs: GraphNode[]): GraphNode =>
      addNode(name, { kind: 'concat' }, inputs, [inputs.reduce((sum, { shape }) => sum + shape[0], 0), ...inputs[0].shape.slice(1)], unlisted),
    flatten: (name: string, x: GraphNode, options = unlisted): GraphNode => addNode(name, { kind: 'flatten' }, [x], [sizeOf(x.shape)], options),
    zeros: (name: string, shape: readonly number[]): GraphNode => addNode(name, { kind: 'zeros' }, [input], shape, unlisted),

    /** A further tap with the value of a node: a block or container that returns it, an identity, dropout (which does nothing here). */
    tap: (name: string, x: GraphNode, kind: LayerKind = 'block'): void => list(name, x, kind),

    /** `defaults`: the layers that `"layers":"default"` means. `regionOf`: the area of cortex that a tap is meant to model, if any. */
    finish: (options: { defaults: string[]; regionOf?: (layer: string) => string | undefined }): LayerGraph => {
      const unknown = options.defaults.find((name) => !taps.has(name))
      if (unknown !== undefined) throw new Error(`${id}: no tap is called ${unknown}`)
      if (options.defaults.length > 12) throw new Error(`${id}: more than 12 default layers`)
      const finished = layers.map((layer): LayerInfo => {
        const region = options.regionOf?.(layer.name)
        return { ...layer, default: options.defaults.includes(layer.name), ...(region === undefined ? {} : { region }) }
      })
      const preprocessing = facts.preprocessing ?? imageNetPreprocessing(inputSize)
      return { id, family, inputSize, preprocessing, nodes: [...nodes.values()], constants, params: [...params.values()], layers: finished, taps }
    },
  }
}
