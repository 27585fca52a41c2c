import type { ByteSource } from './byte-source.ts'
import { openSource } from './byte-source.ts'
import type { Checkpoint, TensorInfo } from './checkpoint.ts'
import { unsupported } from './checkpoint-errors.ts'
import { openOnnxInitializers } from './onnx-initializers.ts'
import { openPth } from './pth.ts'
import { looksLikeSafetensors, openSafetensors } from './safetensors.ts'

const startsWith = (head: Buffer, text: string, at = 0): boolean => head.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'))

/** What people give by mistake, recognised so that the refusal can say so. */
const explain = (head: Buffer): [what: string, advice?: string] => {
  if (startsWith(head, '\x89HDF')) return ['is an HDF5 file (Keras weights?)']
  if (startsWith(head, 'ustar', 257)) return ['is a tar checkpoint of PyTorch before 0.2', 'Load it in PyTorch and save it again.']
  if (startsWith(head, '<')) return ['is a web page, not a checkpoint', 'The download went wrong; fetch the file itself.']
  if (startsWith(head, 'version https://git-lfs')) return ['is a Git LFS pointer, not the checkpoint itself', 'Run git lfs pull.']
  return ['is no checkpoint']
}

const openByContent = async (source: ByteSource): Promise<Checkpoint> => {
  if (source.size === 0) throw unsupported(source.name, 'is empty')
  const head = Buffer.from(source.read(0, Math.min(512, source.size)))
  if (startsWith(head, 'PK') || head[0] === 0x80) return openPth(source)
  if (looksLikeSafetensors(head, source.size)) return openSafetensors(source)
  if (head[0] === 0x08 && head[1] > 0 && head[1] < 32) return openOnnxInitializers(source) // ModelProto.ir_version comes first
  throw unsupported(source.name, ...explain(head))
}

/**
 * Opens a checkpoint by its content, whatever its name: `.pth` (zip or legacy container), `.safetensors`, or `.onnx`. Nothing in it is run.
 * VentralErrors: unsafe-checkpoint, damaged-file, unsupported-format, unsupported-dtype, not-found.
 *
 * @param input path or bytes
 * @param where how errors name the file
 */
export const openCheckpoint = async (input: string | Uint8Array, where: string): Promise<Checkpoint> => {
  const source = await openSource(input, where)
  try {
    return await openByContent(source)
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Every tensor of a checkpoint's state_dict, as float32 in C order under the file's own names. Errors as openCheckpoint. */
export const readCheckpoint = async (input: string | Uint8Array, where: string): Promise<Map<string, TensorInfo & { data: Float32Array }>> => {
  const checkpoint = await openCheckpoint(input, where)
  try {
    const values = await checkpoint.load()
    return new Map([...checkpoint.tensors].map(([name, info]) => [name, { ...info, data: values.get(name)! }]))
  } finally {
    await checkpoint.close()
  }
}
