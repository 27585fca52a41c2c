import { sizeOf } from '../shapes.ts'
import { damaged, quoted } from './checkpoint-errors.ts'
import type { ParamShape } from './match.ts'
import { matchCheckpoint } from './match.ts'
import { openCheckpoint } from './open-checkpoint.ts'

export interface ReadWeights {
  format: 'pth' | 'safetensors'
  /** by the backbone's parameter names, float32 in C order */
  params: Map<string, Float32Array>
  /** classifier parameters that the checkpoint does not have */
  missing: string[]
}

/** A NaN here would turn every activation into NaN, far from its cause. */
const checkFinite = (where: string, params: ReadonlyMap<string, Float32Array>): void => {
  for (const [name, values] of params) {
    const at = values.findIndex((value) => !Number.isFinite(value))
    if (at >= 0) throw damaged(where, `${quoted(name)} holds ${values[at]} at element ${at}`, 'finite weights')
  }
}

const lastOf = (values: Float32Array, count: number): Float32Array => (values.length === count ? values : values.slice(values.length - count))

/**
 * Reads a backbone's weights from a `.pth` or `.safetensors` file (path or bytes). Names and shapes are checked before any value is
 * read, and only the backbone's own tensors are. VentralErrors: checkpoint-mismatch and those of openCheckpoint.
 */
export const readWeights = async (
  input: string | Uint8Array, params: readonly ParamShape[], about: { where: string; backbone: string },
): Promise<ReadWeights> => {
  const checkpoint = await openCheckpoint(input, about.where)
  try {
    const { names, missing } = matchCheckpoint(params, checkpoint.tensors, about)
    const values = await checkpoint.load(new Set(names.values()))
    const sizes = new Map(params.map(({ name, shape }) => [name, sizeOf(shape)]))
    const read = new Map([...names].map(([name, key]) => [name, lastOf(values.get(key)!, sizes.get(name)!)]))
    checkFinite(about.where, read)
    return { format: checkpoint.format, params: read, missing }
  } finally {
    await checkpoint.close()
  }
}
