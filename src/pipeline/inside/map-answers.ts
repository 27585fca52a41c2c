import path from 'node:path'
import type { ChannelChoice, LayerMaps } from '../../domain/looks.ts'
import { asShares } from '../../models/inside/colours.ts'
import { encodePng, paintMap, sheet } from '../../models/inside/pictures.ts'
import { resizeBilinear } from '../../models/preprocess/resample.ts'
import { sizeOf } from '../../models/shapes.ts'
import { encodeNpy } from '../../numerics/npy.ts'
import { encodeNpz } from '../../numerics/npz.ts'
import { batchesOf } from './images.ts'
import type { SeenImage } from './images.ts'
import { nested } from './json-numbers.ts'
import type { MapLayer } from './map-layers.ts'

/** Pixels of a picture's tile, and maps beside the image and the mean in one row of it. */
const TILE = 112
const TILES_PER_ROW = 16

/** What is kept of one image's activations in a layer. */
export interface ImageMaps {
  /** over all channels; null of a vector */
  mean: Float32Array | null
  channels: number[]
  /** (map x row x column) of these channels; the vector itself, where it is one */
  maps: Float32Array
}

/** `LAYER` of all channels; else `LAYER:mean`, `LAYER:maps` and, per map, `LAYER:channels`. `stimulus_id` names the rows. */
export const mapsNpz = (images: readonly SeenImage[], layers: readonly MapLayer[], looks: ImageMaps[][], choice: ChannelChoice): Promise<Uint8Array> => {
  const arrays: Record<string, Uint8Array> = { stimulus_id: encodeNpy(images.map(({ name }) => path.parse(name).name), [images.length]) }
  for (const [l, { layer, shape }] of layers.entries()) {
    const own = looks.map((look) => look[l])
    const stack = (parts: readonly Float32Array[], of: readonly number[]): Uint8Array => {
      const whole = new Float32Array(parts.length * sizeOf(of))
      parts.forEach((part, i) => whole.set(part, i * sizeOf(of)))
      return encodeNpy(whole, [parts.length, ...of])
    }
    if (choice === 'all' || shape.length !== 3) {
      arrays[layer] = stack(own.map(({ maps }) => maps), shape)
      continue
    }
    const sides = shape.slice(1)
    const shown = own[0].channels.length
    arrays[`${layer}:mean`] = stack(own.map(({ mean }) => mean!), sides)
    if (shown === 0) continue
    arrays[`${layer}:maps`] = stack(own.map(({ maps }) => maps), [shown, ...sides])
    arrays[`${layer}:channels`] = encodeNpy(Int32Array.from(own.flatMap(({ channels }) => channels)), [own.length, shown])
  }
  return encodeNpz(arrays)
}

export const layerMaps = ({ layer, timeStep, region, shape }: MapLayer, own: readonly ImageMaps[]): LayerMaps => {
  const head = { layer, timeStep, region, shape }
  if (shape.length !== 3) return { ...head, mean: null, channels: null, maps: null, values: own.map(({ maps }) => nested(maps, shape) as number[]) }
  const sides = shape.slice(1)
  return {
    ...head,
    mean: own.map(({ mean }) => nested(mean!, sides) as number[][]),
    channels: own.map(({ channels }) => channels),
    maps: own.map(({ channels, maps }) => nested(maps, [channels.length, ...sides]) as number[][][]),
    values: null,
  }
}

/**
 * A row per layer: the image as the network sees it, the mean map, then the channels' maps. The mean runs from blue (its least value) to red
 * (its greatest); the channels' maps share one scale, so that they can be compared.
 */
export const mapsPicture = (image: SeenImage, layers: readonly MapLayer[], look: readonly ImageMaps[]): Promise<Uint8Array> => {
  const seen = resizeBilinear(image.rgb, { width: TILE, height: TILE })
  const blank = { ...seen, data: new Uint8Array(seen.data.length).fill(255) }
  const rows = layers.flatMap(({ shape: [, rows, columns] }, l) => {
    const { mean, channels, maps } = look[l]
    const paint = (values: Float32Array) => paintMap({ rows, columns, values }, TILE)
    const shares = asShares(maps)
    const tiles = channels.map((_, i) => paint(shares.subarray(i * rows * columns, (i + 1) * rows * columns)))
    const [first = [], ...others] = batchesOf(tiles, TILES_PER_ROW)
    return [[seen, paint(asShares(mean!)), ...first], ...others.map((row) => [blank, blank, ...row])]
  })
  return encodePng(sheet(rows, TILE))
}
