import type { Dtype } from './dtypes.ts'

/** A run of elements of one dtype that tensors look into. `offset` and `count` bound what this reference may see of it. */
export interface StorageRef {
  kind: 'storage'
  key: string
  dtype: Dtype
  /** elements in the stored record */
  total: number
  offset: number
  count: number
}

/** A tensor as the pickle describes it, checked to lie inside its storage. Offset and strides are in elements. */
export interface TensorRef {
  kind: 'tensor'
  storage: StorageRef
  offset: number
  shape: readonly number[]
  stride: readonly number[]
  parameter: boolean
}

/** An allowed global: a name that was looked up, and what calling it makes. */
export interface GlobalRef {
  kind: 'global'
  name: string
  call: ((args: readonly PickleValue[]) => PickleValue) | null
  storageType: Dtype | null
}

export interface PickleTuple {
  kind: 'tuple'
  items: readonly PickleValue[]
}

/** Dicts are Maps, so that no key of a hostile file can reach an object's prototype. */
export type PickleValue =
  | null | boolean | number | bigint | string | Uint8Array
  | PickleValue[] | PickleTuple | Map<PickleValue, PickleValue>
  | StorageRef | TensorRef | GlobalRef

const isTagged = (value: PickleValue): value is PickleTuple | StorageRef | TensorRef | GlobalRef =>
  typeof value === 'object' && value !== null && 'kind' in value

const isKind = <K extends 'tuple' | 'storage' | 'tensor' | 'global'>(kind: K) =>
  (value: PickleValue): value is Extract<PickleTuple | StorageRef | TensorRef | GlobalRef, { kind: K }> => isTagged(value) && value.kind === kind

export const isTuple = isKind('tuple')
export const isStorage = isKind('storage')
export const isTensor = isKind('tensor')
export const isGlobal = isKind('global')
