/** A value of a network that is fixed and no parameter. */
export interface Constant {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Numbers, or how they are made when they are first needed, where that takes longer than to describe a graph. */
export type Given = Float32Array | (() => Float32Array)

/** A constant whose numbers are made at most once. */
export const constantOf = (shape: readonly number[], given: Given): Constant => {
  if (typeof given !== 'function') return { shape, data: given }
  let made: Float32Array | undefined
  return { shape, get data() { return (made ??= given()) } } // prettier-ignore
}
