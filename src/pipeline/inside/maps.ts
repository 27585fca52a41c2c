import type { ChannelChoice, LookFormat, MapsReport, MapsRequest } from '../../domain/looks.ts'
import { VentralError } from '../../domain/errors.ts'
import { channelMeans, channelsFirst, largest, meanMap, pickChannels } from '../../models/inside/maps.ts'
import { sizeOf } from '../../models/shapes.ts'
import { batchesOf, pixelsOf, preprocessingOf, seeImages } from './images.ts'
import type { NamedImage, SeenImage } from './images.ts'
import { jsonBytes } from './json-numbers.ts'
import { layerMaps, mapsNpz, mapsPicture } from './map-answers.ts'
import type { ImageMaps } from './map-answers.ts'
import { mapLayers } from './map-layers.ts'
import type { MapLayer } from './map-layers.ts'
import type { OpenNetworks } from './open-networks.ts'

/** Numbers in one answer of JSON, bytes of arrays in one .npz, tiles in one picture. */
const MAX_NUMBERS = 2e6
const MAX_ARRAY_BYTES = 128e6
const MAX_TILES = 1100

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
  images * layers.reduce((sum, layer) => sum + (layer.shape.length === 3 ? (1 + channelCount(choice, layer)) * sizeOf(layer.shape.slice(1)) : sizeOf(layer.shape)), 0)

const tooMuch = (found: string, expected: string, advice: string): VentralError => new VentralError('does-not-fit', `The answer would have ${found}; ${expected} are sent. ${advice}`, [{ pointer: '/layers', expected, found }])

const refuseTooMuch = (layers: readonly MapLayer[], images: number, { channels }: MapsRequest, format: LookFormat): void => {
  const numbers = numbersIn(layers, images, channels)
  const advice = 'Ask for fewer layers, channels or images or a coarser grid, or write whole layers with "ventral activations".'
  if (format === 'json' && numbers > MAX_NUMBERS) throw tooMuch(`${numbers} numbers`, `at most ${MAX_NUMBERS} in JSON`, `Ask for an .npz. ${advice}`)
  if (format === 'npz' && 4 * numbers > MAX_ARRAY_BYTES) throw tooMuch(`${4 * numbers} bytes`, `at most ${MAX_ARRAY_BYTES}`, advice)
  if (format !== 'png') return
  if (images !== 1) throw new VentralError('invalid-value', `A picture shows the maps of one image, not of ${images}. Send one image at a time, or ask for JSON or an .npz.`, [{ pointer: '/images', expected: 'one image', found: String(images) }])
  const vector = layers.find(({ shape }) => shape.length !== 3)
  if (vector) throw new VentralError('invalid-value', `${vector.layer} is a vector of ${sizeOf(vector.shape)} units, which has no maps to show. Ask for JSON or an .npz, or name another layer.`, [{ pointer: '/layers', expected: 'layers with maps', found: vector.layer }])
  const tiles = layers.reduce((sum, layer) => sum + 2 + channelCount(channels, layer), 0)
  if (tiles > MAX_TILES) throw tooMuch(`${tiles} tiles`, `at most ${MAX_TILES}`, 'Ask for fewer layers or channels.')
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
  if (format === 'npz') return mapsNpz(seen, layers, looks, request.channels)
  if (format === 'png') return mapsPicture(seen[0], layers, looks[0])
  const report: MapsReport = {
    backbone: graph.id,
    weights: network.weights,
    inputSize: graph.inputSize,
    preprocessing,
    images: seen.map(({ name, sha256 }) => ({ name, sha256 })),
    layers: layers.map((layer, l) => layerMaps(layer, looks.map((look) => look[l]))),
  }
  return jsonBytes(report)
}
