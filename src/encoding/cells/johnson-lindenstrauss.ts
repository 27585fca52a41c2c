/** Dimensions in which n points keep their distances to a share `distortion` (Dasgupta & Gupta 2003; scikit-learn's johnson_lindenstrauss_min_dim). */
export const safeDimensions = (n: number, distortion: number): number => Math.floor((4 * Math.log(n)) / (distortion ** 2 / 2 - distortion ** 3 / 3))

/** The share by which squared distances of n points may be off in so many dimensions, the same bound read the other way; 1 where it says nothing. */
export const distortionAt = (n: number, dimensions: number): number => {
  const needed = (4 * Math.log(n)) / dimensions
  let [low, high] = [0, 1]
  if (high ** 2 / 2 - high ** 3 / 3 <= needed) return 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (middle ** 2 / 2 - middle ** 3 / 3 < needed) low = middle
    else high = middle
  }
  return high
}
