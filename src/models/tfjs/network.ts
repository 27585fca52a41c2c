import * as tf from '@tensorflow/tfjs-core'
import type { TapRequest } from '../build-onnx.ts'
import { findLayer } from '../graph.ts'
import type { GraphNode, LayerGraph } from '../graph.ts'
import { neededNodes } from '../parts.ts'
import type { Parameter } from '../parts.ts'
import { pooledShape, sizeOf } from '../shapes.ts'
import { evaluate } from './evaluate.ts'
import { fromHeld, heldParameter, toHeld } from './layout.ts'
import { parameterNames } from './parameters.ts'
import { adaptiveAvgPool } from './pooling.ts'
import type { Gradient, Stimuli, UnitPerImage } from './requests.ts'

export interface TfjsNetwork {
  setParameter: (name: string, parameter: Parameter) => void
  /** Activations of the taps, one array (count x units after pooling) for each. */
  run: (stimuli: Stimuli, taps: readonly TapRequest[]) => Float32Array[]
  gradient: (stimuli: Stimuli, layer: string, of: UnitPerImage) => Gradient
  dispose: () => void
}

/** tf.tidy for results that are plain arrays, which it would search for tensors number by number. */
const tidied = <T>(run: () => T): T => {
  const results: T[] = []
  tf.tidy(() => void results.push(run()))
  return results[0]
}

const conflict = (message: string): never => {
  throw new Error(message)
}

/**
 * A layer graph computed with the TensorFlow.js API on the backend that this thread has loaded. Parameters are set one by one, so that
 * none need be held twice. Every call disposes what it made; `dispose` frees the parameters. Blocks its thread.
 */
export const createTfjsNetwork = (graph: LayerGraph, { normalise }: { normalise: boolean }): TfjsNetwork => {
  const params = new Map<string, tf.Tensor>()
  const takers = new Map(graph.nodes.flatMap((node) => parameterNames(node).map((name) => [name, node.operation] as const)))
  const byName = new Map(graph.nodes.map((node) => [node.name, node]))
  const nodeOf = (layer: string): GraphNode => byName.get(graph.taps.get(findLayer(graph, layer).name)!)!
  const param = (name: string): tf.Tensor => params.get(name) ?? conflict(`${graph.id}: ${name} has not been set`)

  const held = (node: GraphNode, values: Float32Array, count: number): tf.Tensor => {
    if (values.length !== count * sizeOf(node.shape)) conflict(`${graph.id}: ${node.name} takes ${node.shape.join(' x ')} values per image, not ${values.length / count}`)
    return toHeld(tf.tensor(values, [count, ...node.shape]), node)
  }

  const input = (pixels: Float32Array, count: number): tf.Tensor => {
    const values = held(byName.get('input')!, pixels, count)
    if (!normalise) return values
    const { mean, std } = graph.preprocessing
    return tf.div(tf.sub(values, tf.tensor1d(mean)), tf.tensor1d(std))
  }

  /** Values that are given, to be used within a tidy. */
  const givenBy = ({ count, pixels, from }: Stimuli): Map<string, tf.Tensor> => {
    const given = new Map<string, tf.Tensor>()
    if (pixels) given.set('input', input(pixels, count))
    if (from) given.set(nodeOf(from.layer).name, held(nodeOf(from.layer), from.activations, count))
    return given
  }

  const computeNodes = (names: readonly string[], given: ReadonlyMap<string, tf.Tensor>, count: number): Map<string, tf.Tensor> => {
    const nodes = neededNodes(graph, names, new Set(given.keys()))
    if (nodes.some(({ name, operation }) => operation.kind === 'input' && !given.has(name))) conflict(`${graph.id}: ${names.join(', ')} cannot be computed from ${[...given.keys()].join(', ')} alone: the pixels are needed too`)
    return evaluate({ graph, nodes, given, param, count, wanted: new Set(names) })
  }

  const read = (value: tf.Tensor, { layer, pooling }: TapRequest): Float32Array => {
    const node = nodeOf(layer)
    const pooled = pooledShape(node.shape, pooling, node.channels)
    const stated = pooled.join() === node.shape.join() ? fromHeld(value, node) : tf.transpose(adaptiveAvgPool(value as tf.Tensor4D, [pooled[1], pooled[2]]), [0, 3, 1, 2])
    return stated.dataSync<'float32'>()
  }

  /** Each image's unit. */
  const unitsOf = (value: tf.Tensor, { layer, units }: UnitPerImage, count: number): tf.Tensor1D => {
    const node = nodeOf(layer)
    const size = sizeOf(node.shape)
    const chosen = new Float32Array(count * size)
    for (const [image, unit] of units.entries()) chosen[image * size + unit] = 1
    return tf.sum(tf.mul(tf.reshape(fromHeld(value, node), [count, size]), tf.tensor2d(chosen, [count, size])), 1)
  }

  return {
    setParameter: (name, parameter) => {
      params.get(name)?.dispose()
      params.set(name, heldParameter(takers.get(name) ?? conflict(`${graph.id} has no parameter ${name}`), parameter))
    },
    run: (stimuli, taps) =>
      tidied(() => {
        const values = computeNodes(taps.map(({ layer }) => nodeOf(layer).name), givenBy(stimuli), stimuli.count)
        return taps.map((tap) => read(values.get(nodeOf(tap.layer).name)!, tap))
      }),
    gradient: (stimuli, layer, of) =>
      tidied(() => {
        const { count } = stimuli
        const [node, target] = [nodeOf(layer), nodeOf(of.layer)]
        if (of.units.length !== count || of.units.some((unit) => !(unit >= 0 && unit < sizeOf(target.shape)))) conflict(`${graph.id}: one unit of ${of.layer} is needed for each of ${count} images`)
        if (!neededNodes(graph, [target.name]).some(({ name }) => name === node.name)) conflict(`${graph.id}: ${of.layer} does not depend on ${layer}`)
        // What the target needs besides the layer is a constant of the derivative.
        const known = givenBy(stimuli)
        const beside = sources(graph, node.name, target.name)
        const fixed = computeNodes([node.name, ...beside], known, count)
        const at = fixed.get(node.name)!
        const values = new Float32Array(count)
        const slope = tf.grad((x: tf.Tensor) => {
          const picked = unitsOf(computeNodes([target.name], new Map([...fixed, [node.name, x]]), count).get(target.name)!, of, count)
          values.set(picked.dataSync())
          return tf.sum(picked)
        })(at)
        const asRead = (value: tf.Tensor): Float32Array => fromHeld(value, node).dataSync<'float32'>()
        return { values, activations: asRead(at), gradient: asRead(slope) }
      }),
    dispose: () => {
      for (const value of params.values()) value.dispose()
      params.clear()
    },
  }
}

/** Nodes that the way from one node to another takes values from, without depending on the first themselves. */
const sources = (graph: LayerGraph, from: string, to: string): string[] => {
  const dependent = new Set([from])
  for (const { name, inputs } of graph.nodes) if (inputs.some((input) => dependent.has(input))) dependent.add(name)
  const way = neededNodes(graph, [to]).filter(({ name }) => dependent.has(name) && name !== from)
  return [...new Set(way.flatMap(({ inputs }) => inputs))].filter((name) => !dependent.has(name))
}
