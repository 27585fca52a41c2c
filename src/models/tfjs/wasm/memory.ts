import type * as tf from '@tensorflow/tfjs-core'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'

export type Shape4 = [number, number, number, number]

/** What a kernel is called with. */
export interface Call<Name extends string, Attributes> {
  inputs: Record<Name, tf.TensorInfo>
  backend: BackendWasm
  attrs: Attributes
}

/** Views of the backend's memory, to be taken when all of it that is needed has been allotted: it may move when it grows. */
export const viewsOf = (backend: BackendWasm, ...tensors: tf.TensorInfo[]): Float32Array[] => tensors.map((tensor) => backend.typedArrayFromHeap(tensor) as Float32Array)
