import type { LayerGraph, ParamSpec } from './graph.ts'
import { fillNormal, uniformStream } from './random-stream.ts'
import { sizeOf } from './shapes.ts'

const randomParam = ({ name, shape, init }: ParamSpec, seed: number): Float32Array => {
  if (init === null) throw new Error(`how ${name} is initialised is not known`)
  const out = new Float32Array(sizeOf(shape))
  if (init.kind === 'constant') return out.fill(init.value)
  const uniform = uniformStream(seed, name)
  if (init.kind === 'normal') fillNormal(out, init.std, uniform)
  else for (let i = 0; i < out.length; i++) out[i] = init.bound * (2 * uniform() - 1)
  return out
}

/**
 * Random weights, distributed as the family's constructor in torchvision distributes them (PyTorch's own defaults where it says
 * nothing). A parameter's values depend on the seed, its name and its rule only. `seed` is any whole number.
 */
export const randomParams = (graph: Pick<LayerGraph, 'params'>, seed: number): Map<string, Float32Array> =>
  new Map(graph.params.map((param) => [param.name, randomParam(param, seed)]))
