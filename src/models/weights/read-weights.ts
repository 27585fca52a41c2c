import { sizeOf } from '../shapes.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Checkpoint } from './checkpoint.ts'
import { damaged, quoted } from './checkpoint-errors.ts'
import type { CheckpointMatch, ParamShape } from './match.ts'
import { matchCheckpoint } from './match.ts'
import { openCheckpoint } from './open-checkpoint.ts'

export interface ReadWeights {
  format: 'pth' | 'safetensors' | 'onnx'
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

/** Names as modules have for their parameters; an ONNX model has constants beside them. */
const ofModule = /\.(weight|bias|running_mean|running_var|layer_scale)$/

/** As matchCheckpoint; of an ONNX model constants are left aside, and why names may be lacking is told. */
const match = ({ format, tensors }: Checkpoint, params: readonly ParamShape[], about: { where: string; backbone: string }): CheckpointMatch => {
  if (format !== 'onnx') return matchCheckpoint(params, tensors, about)
  const known = new Set(params.map(({ name }) => name))
  try {
    return matchCheckpoint(params, new Map([...tensors].filter(([name]) => known.has(name) || ofModule.test(name))), about)
  } catch (error) {
    if (!(error instanceof VentralError)) throw error
    const advice = 'PyTorch’s export folds batch norms into convolutions, which then have other weights and names: add the file as a backbone of its own ("ventral backbones add FILE.onnx --name NAME"), or give a .pth.'
    throw new VentralError(error.code, `${error.message} ${advice}`, error.errors)
  }
}

/**
 * Reads a backbone's weights from a `.pth` or `.safetensors` file, or from the initializers of an `.onnx` one (path or bytes). Names and
 * shapes are checked before any value is read, and only the backbone's own tensors are. VentralErrors: checkpoint-mismatch and those of openCheckpoint.
 */
export const readWeights = async (
  input: string | Uint8Array, params: readonly ParamShape[], about: { where: string; backbone: string },
): Promise<ReadWeights> => {
  const checkpoint = await openCheckpoint(input, about.where)
  try {
    const { names, missing } = match(checkpoint, params, about)
    const values = await checkpoint.load(new Set(names.values()))
    const sizes = new Map(params.map(({ name, shape }) => [name, sizeOf(shape)]))
    const read = new Map([...names].map(([name, key]) => [name, lastOf(values.get(key)!, sizes.get(name)!)]))
    checkFinite(about.where, read)
    return { format: checkpoint.format, params: read, missing }
  } finally {
    await checkpoint.close()
  }
}
