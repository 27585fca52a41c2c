import path from 'node:path'
import type { ChannelChoice, LayerMaps, LookFormat, MapsReport, MapsRequest } from '../../domain/looks.ts'
import { VentralError } from '../../domain/errors.ts'
import { asShares } from '../../models/inside/colours.ts'
import { channelMeans, channelsFirst, largest, meanMap, pickChannels } from '../../models/inside/maps.ts'
import { encodePng, paintMap, sheet } from '../../models/inside/pictures.ts'
import { resizeBilinear } from '../../models/preprocess/resample.ts'
import { sizeOf } from '../../models/shapes.ts'
import { encodeNpy } from '../../numerics/npy.ts'
import { encodeNpz } from '../../numerics/npz.ts'
import { batchesOf, pixelsOf, preprocessingOf, seeImages } from './images.ts'
import type { NamedImage, SeenImage } from './images.ts'
import { jsonBytes, nested } from './json-numbers.ts'
import { mapLayers } from './map-layers.ts'
import type { MapLayer } from './map-layers.ts'
import type { OpenNetworks } from './open-networks.ts'

/** Numbers in one answer of JSON, bytes of arrays in one .npz, tiles in one picture. */
const MAX_NUMBERS = 2e6
const MAX_ARRAY_BYTES = 128e6
const MAX_TILES = 1100

/** Pixels of a picture's tile, and maps beside the image and the mean in one row of it. */
const TILE = 112
const TILES_PER_ROW = 16

/** What is kept of one image's activations in a layer. */
interface ImageMaps {
  /** over all channels; null of a vector */
  mean: Float32Array | null
  channels: number[]
  /** (map x row x column) of these channels; the vector itself, where it is one */
  maps: Float32Array
}

/** Channels that are shown of one image. VentralError invalid-value for one that the layer lacks. */
const chosenChannels = (choice: ChannelChoice, { layer, shape }: MapLayer, maps: Float32Array): number[] => {
  if (choice === 'mean') return []
  if (choice === 'all') return Array.from({ length: shape[0] }, (_, i) => i)
  if (!Array.isArray(choice)) return largest(channelMeans(maps, shape[0]), Math.min(choice.top, shape[0]))
  const outside = choice.find((channel) => channel >= shape[0])
  if (outside !== undefined) throw new VentralError('invalid-value', `${layer} has the channels 0 to ${shape[0] - 1}, not ${outside}.`, [{ pointer: '/channels', expected: `at most ${shape[0] - 1}`, found: String(outside) }])
  return choice
}

const channelCount = (choice: ChannelChoice, { shape }: MapLayer): number => (choice === 'mean' ? 0 : choice === 'all' ? shape[0] : Array.isArray(choice) ? choice.length : Math.min(choice.top, shape[0]))

/** `activations` are one image's, a view on a batch's. */
const keep = (activations: Float32Array, layer: MapLayer, choice: ChannelChoice): ImageMaps => {
  if (layer.shape.length !== 3) return { mean: null, channels: [], maps: activations.slice() }
  const all = channelsFirst(activations, layer.given)
  const channels = chosenChannels(choice, layer, all)
  return { mean: meanMap(all, layer.shape[0]), channels, maps: pickChannels(all, layer.shape[0], channels) }
}

/** How many numbers an answer has; counted before anything is computed. */
const numbersIn = (layers: readonly MapLayer[], images: number, choice: ChannelChoice): number =>
  images * layers.reduce((sum, layer) => sum + (layer.shape.length === 3 ? (1 + channelCount(choice, layer)) * sizeOf(layer.shape.slice(1)) : layer.shape[0]), 0)

const tooMuch = (found: string, expected: string, advice: string): VentralError => new VentralError('does-not-fit', `The answer would have ${found}; ${expected} are sent. ${advice}`, [{ pointer: '/layers', expected, found }])

const refuseTooMuch = (layers: readonly MapLayer[], images: number, { channels }: MapsRequest, format: LookFormat): void => {
  const numbers = numbersIn(layers, images, channels)
  const advice = 'Ask for fewer layers, channels or images or a coarser grid, or write whole layers with "ventral activations".'
  if (format === 'json' && numbers > MAX_NUMBERS) throw tooMuch(`${numbers} numbers`, `at most ${MAX_NUMBERS} in JSON`, `Ask for an .npz. ${advice}`)
  if (format === 'npz' && 4 * numbers > MAX_ARRAY_BYTES) throw tooMuch(`${4 * numbers} bytes`, `at most ${MAX_ARRAY_BYTES}`, advice)
  if (format !== 'png') return
  if (images !== 1) throw new VentralError('invalid-value', `A picture shows the maps of one image, not of ${images}. Send one image at a time, or ask for JSON or an .npz.`, [{ pointer: '/images', expected: 'one image', found: String(images) }])
  const vector = layers.find(({ shape }) => shape.length !== 3)
  if (vector) throw new VentralError('invalid-value', `${vector.layer} is a vector of ${vector.shape[0]} units, which has no maps to show. Ask for JSON or an .npz, or name another layer.`, [{ pointer: '/layers', expected: 'layers with maps', found: vector.layer }])
  const tiles = layers.reduce((sum, layer) => sum + 2 + channelCount(channels, layer), 0)
  if (tiles > MAX_TILES) throw tooMuch(`${tiles} tiles`, `at most ${MAX_TILES}`, 'Ask for fewer layers or channels.')
}

/** `LAYER` of all channels; else `LAYER:mean`, `LAYER:maps` and, per map, `LAYER:channels`. `stimulus_id` names the rows. */
const toNpz = (images: readonly SeenImage[], layers: readonly MapLayer[], looks: ImageMaps[][], choice: ChannelChoice): Promise<Uint8Array> => {
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

const toLayerMaps = ({ layer, timeStep, region, shape }: MapLayer, own: readonly ImageMaps[]): LayerMaps => {
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
const toPicture = (image: SeenImage, layers: readonly MapLayer[], look: readonly ImageMaps[]): Promise<Uint8Array> => {
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

/** Activation maps of images as a file of that format. VentralErrors of the layers, the weights and the images. */
export const lookAtMaps = async (networks: OpenNetworks, request: MapsRequest, format: LookFormat, images: readonly NamedImage[]): Promise<Uint8Array> => {
  const network = await networks.find(request)
  const { graph } = network
  const preprocessing = preprocessingOf(network, request)
  const layers = mapLayers(graph, request)
  refuseTooMuch(layers, images.length, request, format)
  const pooling = request.grid === undefined ? ('none' as const) : { grid: request.grid }
  const session = await networks.session(network, layers.map(({ layer }) => ({ layer, pooling })))
  const seen: SeenImage[] = []
  const looks: ImageMaps[][] = [] // (image, layer)
  for (const batch of batchesOf(images, session.batch)) {
    const decoded = await seeImages(batch, preprocessing)
    const activations = await session.run(pixelsOf(decoded, graph.inputSize), decoded.length)
    for (const [i] of decoded.entries())
      looks.push(
        layers.map((layer) => {
          const units = sizeOf(layer.shape)
          return keep(activations.get(layer.layer)!.subarray(i * units, (i + 1) * units), layer, request.channels)
        }),
      )
    seen.push(...decoded)
  }
  if (format === 'npz') return toNpz(seen, layers, looks, request.channels)
  if (format === 'png') return toPicture(seen[0], layers, looks[0])
  const report: MapsReport = {
    backbone: graph.id,
    weights: network.weights,
    inputSize: graph.inputSize,
    preprocessing,
    images: seen.map(({ name, sha256 }) => ({ name, sha256 })),
    layers: layers.map((layer, l) => toLayerMaps(layer, looks.map((look) => look[l]))),
  }
  return jsonBytes(report)
}
