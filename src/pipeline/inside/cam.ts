import path from 'node:path'
import type { CamReport, CamRequest, ClassMap, ClassShare, LookFormat } from '../../domain/looks.ts'
import { VentralError } from '../../domain/errors.ts'
import { findLayer } from '../../models/graph.ts'
import { largest, mapSides, softmax } from '../../models/inside/maps.ts'
import { encodePng, overlay, sheet } from '../../models/inside/pictures.ts'
import { encodeNpy } from '../../numerics/npy.ts'
import { encodeNpz } from '../../numerics/npz.ts'
import { findClass, planClassMap } from './class-maps.ts'
import { classNames } from './class-names.ts'
import { batchesOf, pixelsOf, preprocessingOf, seeImages } from './images.ts'
import type { NamedImage, SeenImage } from './images.ts'
import { jsonBytes, nested } from './json-numbers.ts'
import type { OpenNetworks } from './open-networks.ts'

/** Numbers of maps in one answer. */
const MAX_NUMBERS = 2e6

interface Mapped {
  class: number
  /** (row x column) */
  values: Float32Array
}

interface Looked {
  image: SeenImage
  logits: Float32Array
  probabilities: Float64Array
  maps: Mapped[]
}

const refusePicture = (images: number): VentralError =>
  new VentralError('invalid-value', `A picture is of one image, not of ${images}. Send one image at a time, or ask for JSON or an .npz.`, [{ pointer: '/images', expected: 'one image', found: String(images) }])

/** The image with its class map over it; of several classes the image, then one for each. */
const toPicture = ({ image: { rgb }, maps }: Looked, sides: { rows: number; columns: number }, alpha: number): Promise<Uint8Array> => {
  const pictures = maps.map(({ values }) => overlay(rgb, { ...sides, values }, alpha))
  return encodePng(pictures.length === 1 ? pictures[0] : sheet([[rgb, ...pictures]], rgb.width))
}

/** `class`, `logit`, `probability` and `map` of what was mapped, `top_*` of the likeliest classes; `stimulus_id` names the rows. */
const toNpz = (looked: readonly Looked[], top: number, sides: { rows: number; columns: number }): Promise<Uint8Array> => {
  const n = looked.length
  const mapped = looked.map(({ maps }) => maps.map((one) => one.class))
  const likeliest = looked.map(({ logits }) => largest(logits, top))
  const ofClasses = (chosen: readonly number[][]) => ({
    class: encodeNpy(Int32Array.from(chosen.flat()), [n, chosen[0].length]),
    logit: encodeNpy(Float32Array.from(chosen.flatMap((row, i) => row.map((c) => looked[i].logits[c]))), [n, chosen[0].length]),
    probability: encodeNpy(Float64Array.from(chosen.flatMap((row, i) => row.map((c) => looked[i].probabilities[c]))), [n, chosen[0].length]),
  })
  const each = sides.rows * sides.columns
  const map = new Float32Array(n * mapped[0].length * each) // (image, class, row, column)
  looked.flatMap(({ maps }) => maps).forEach(({ values }, k) => map.set(values, k * each))
  const tops = Object.entries(ofClasses(likeliest)).map(([name, array]) => [`top_${name}`, array] as const)
  return encodeNpz({
    stimulus_id: encodeNpy(looked.map(({ image }) => path.parse(image.name).name), [n]),
    ...ofClasses(mapped),
    map: encodeNpy(map, [n, mapped[0].length, sides.rows, sides.columns]),
    ...Object.fromEntries(tops),
  })
}

/** Class maps of images as a file of that format. VentralErrors of the classifier, the layer, the weights and the images. */
export const lookAtClasses = async (networks: OpenNetworks, request: CamRequest, format: LookFormat, images: readonly NamedImage[]): Promise<Uint8Array> => {
  const network = await networks.find(request)
  const { graph } = network
  const preprocessing = preprocessingOf(network, request)
  const plan = planClassMap(graph, request)
  const { head, layer } = plan
  const names = await classNames(networks.classNames, head.classes)
  const top = Math.min(request.top, head.classes)
  const given = request.classes === undefined || request.classes === 'top' ? null : request.classes.map((one) => findClass(one, head, names))
  const { rows, columns } = mapSides(findLayer(graph, layer, '/layer'))!
  const sides = { rows, columns }
  if (format === 'png' && images.length !== 1) throw refusePicture(images.length)
  const numbers = images.length * (given?.length ?? (request.classes === 'top' ? top : 1)) * sides.rows * sides.columns
  if (numbers > MAX_NUMBERS) throw new VentralError('does-not-fit', `The maps would have ${numbers} numbers; at most ${MAX_NUMBERS} are sent. Send fewer images at a time, or ask for fewer classes.`, [{ pointer: '/class', expected: `at most ${MAX_NUMBERS} numbers`, found: String(numbers) }])

  const session = await networks.session(network, [layer, head.logits].map((tap) => ({ layer: tap, pooling: 'none' })))
  const mapper = await networks.classMapper(network, plan)
  const looked: Looked[] = []
  for (const batch of batchesOf(images, session.batch)) {
    const decoded = await seeImages(batch, preprocessing)
    const pixels = pixelsOf(decoded, graph.inputSize)
    const activations = await session.run(pixels, decoded.length)
    for (const [i, image] of decoded.entries()) {
      const own = (values: Float32Array): Float32Array => values.slice((i * values.length) / decoded.length, ((i + 1) * values.length) / decoded.length)
      const logits = own(activations.get(head.logits)!)
      const one = { pixels: own(pixels), activations: own(activations.get(layer)!) }
      const maps: Mapped[] = []
      for (const index of given ?? largest(logits, request.classes === 'top' ? top : 1)) maps.push({ class: index, values: await mapper.map(one, index) })
      looked.push({ image, logits, probabilities: softmax(logits), maps })
    }
  }
  if (format === 'npz') return toNpz(looked, top, sides)
  if (format === 'png') return toPicture(looked[0], sides, request.alpha)
  const shareOf = ({ logits, probabilities }: Looked, index: number): ClassShare => ({ class: index, name: names?.[index] ?? null, logit: logits[index], probability: probabilities[index] })
  const report: CamReport = {
    backbone: graph.id,
    weights: network.weights,
    inputSize: graph.inputSize,
    preprocessing,
    method: plan.method,
    layer,
    classes: head.classes,
    images: looked.map((one) => ({
      name: one.image.name,
      sha256: one.image.sha256,
      top: largest(one.logits, top).map((index) => shareOf(one, index)),
      maps: one.maps.map((mapped): ClassMap => ({ ...shareOf(one, mapped.class), map: nested(mapped.values, [sides.rows, sides.columns]) as number[][] })),
    })),
  }
  return jsonBytes(report)
}
