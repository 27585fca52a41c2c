/** The images that something is computed for: their pixels, one layer's activations in their place, or both where a layer is replaced. */
export interface Stimuli {
  count: number
  /** (count, 3, S, S) */
  pixels?: Float32Array
  /** activations (count x units) of a layer, from which what depends on it is computed */
  from?: { layer: string; activations: Float32Array }
}

/** One unit of a layer for each image. */
export interface UnitPerImage {
  layer: string
  /** index among the layer's units, one per image */
  units: readonly number[]
}

export interface Gradient {
  /** of the units, one per image */
  values: Float32Array
  /** of the layer, (count x units) */
  activations: Float32Array
  /** derivative of each image's unit with respect to that image's activations of the layer, (count x units) */
  gradient: Float32Array
}
