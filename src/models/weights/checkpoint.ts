import type { Dtype } from './dtypes.ts'

export interface TensorInfo {
  shape: readonly number[]
  /** as stored; values come as float32 */
  dtype: Dtype
}

/** An open checkpoint: what it holds is known, values are read on demand. */
export interface Checkpoint {
  format: 'pth' | 'safetensors' | 'onnx'
  /** by the name in the file, in the file's order */
  tensors: ReadonlyMap<string, TensorInfo>
  /** Values of some tensors (default: all) as float32 in C order. The arrays are the caller's own. */
  load: (names?: Iterable<string>) => Promise<Map<string, Float32Array>>
  close: () => Promise<void>
}
