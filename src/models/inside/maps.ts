import type { LayerInfo } from '../../domain/backbone.ts'

// Maps of one image: (channel x row x column), or one (row x column), values row by row.

export interface Sides {
  rows: number
  columns: number
}

/** A layer's channels and the sides of its maps; null of a vector. */
export const mapSides = ({ shape, channels }: Pick<LayerInfo, 'shape' | 'channels'>): (Sides & { channels: number }) | null => {
  if (shape.length !== 3) return null
  const [depth, rows, columns] = channels === 'last' ? [shape[2], shape[0], shape[1]] : shape
  return { channels: depth, rows, columns }
}

/** One image's activations with the channels first, whatever their own order. */
export const channelsFirst = (values: Float32Array, layer: Pick<LayerInfo, 'shape' | 'channels'>): Float32Array => {
  if (layer.channels !== 'last') return values
  const [rows, columns, depth] = layer.shape
  const places = rows * columns
  const out = new Float32Array(values.length)
  for (let place = 0, from = 0; place < places; place++) for (let channel = 0; channel < depth; channel++) out[channel * places + place] = values[from++]
  return out
}

/** The mean over the channels at each place. */
export const meanMap = (maps: Float32Array, channels: number): Float32Array => {
  const places = maps.length / channels
  const sums = new Float64Array(places)
  for (let channel = 0, from = 0; channel < channels; channel++) for (let place = 0; place < places; place++) sums[place] += maps[from++]
  return Float32Array.from(sums, (sum) => sum / channels)
}

/** The mean over the places of each channel. */
export const channelMeans = (maps: Float32Array, channels: number): Float64Array => {
  const places = maps.length / channels
  return Float64Array.from({ length: channels }, (_, channel) => {
    let sum = 0
    for (let place = 0; place < places; place++) sum += maps[channel * places + place]
    return sum / places
  })
}

/** Indices of the largest values, the largest first; of equal ones the earlier first. */
export const largest = (values: ArrayLike<number>, count: number): number[] =>
  Array.from({ length: values.length }, (_, i) => i)
    .sort((a, b) => values[b] - values[a] || a - b)
    .slice(0, count)

/** The maps of those channels, one after the other. */
export const pickChannels = (maps: Float32Array, channels: number, picked: readonly number[]): Float32Array => {
  const places = maps.length / channels
  const out = new Float32Array(picked.length * places)
  for (const [i, channel] of picked.entries()) out.set(maps.subarray(channel * places, (channel + 1) * places), i * places)
  return out
}

/** A class activation map (Zhou et al. 2016): Σ over channels of weight · map. Its mean over the places, plus the class's bias, is the logit. */
export const weightedSum = (maps: Float32Array, weights: ArrayLike<number>): Float32Array => {
  const places = maps.length / weights.length
  const sums = new Float64Array(places)
  for (let channel = 0, from = 0; channel < weights.length; channel++) for (let place = 0; place < places; place++) sums[place] += weights[channel] * maps[from++]
  return Float32Array.from(sums)
}

/** The weights of one class, from (class x channel) or, transposed, (channel x class). */
export const weightsOfClass = (weights: Float32Array, index: number, channels: number, transposed: boolean): Float32Array =>
  transposed ? Float32Array.from({ length: channels }, (_, channel) => weights[(channel * weights.length) / channels + index]) : weights.subarray(index * channels, (index + 1) * channels)

/** exp(logit) over their sum. */
export const softmax = (logits: ArrayLike<number>): Float64Array => {
  const values = Float64Array.from(logits)
  const top = values.reduce((max, logit) => Math.max(max, logit), -Infinity)
  const powers = values.map((logit) => Math.exp(logit - top))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}
