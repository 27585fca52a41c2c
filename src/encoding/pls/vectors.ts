export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** a += factor · b, in place. */
export const addScaled = (a: Float64Array, factor: number, b: Float64Array): void => {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i]
}
