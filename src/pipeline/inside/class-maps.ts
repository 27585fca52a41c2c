import type { CamMethod, CamRequest } from '../../domain/looks.ts'
import { VentralError } from '../../domain/errors.ts'
import type { ClassHead } from '../../models/class-head.ts'
import { neededHead } from '../../models/class-head.ts'
import { findLayer } from '../../models/graph.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { mapSides } from '../../models/inside/maps.ts'
import { layerAtStep } from '../../models/time-steps.ts'

/** Which maps of a network a class map is made of, and how. */
export interface ClassMapPlan {
  method: CamMethod
  head: ClassHead
  /** tap whose maps are weighted */
  layer: string
}

/** Maps have places: a vector, or a single one, shows nothing. */
const hasPlaces = (graph: LayerGraph, layer: string): boolean => {
  const sides = mapSides(findLayer(graph, layer, '/layer'))
  return sides !== null && sides.rows * sides.columns > 1
}

const refuseCam = (graph: LayerGraph, why: string): VentralError =>
  graph.given === undefined
    ? new VentralError('invalid-value', `There is no class activation map of ${graph.id}: ${why}. Ask for "method=grad-cam", which any backbone with a classifier has that is built in.`, [{ pointer: '/method', expected: 'grad-cam', found: 'cam' }])
    : new VentralError('invalid-value', `There is no class map of ${graph.id}: ${why}, and Grad-CAM needs derivatives, which backbones that are built in have.`, [{ pointer: '/backbone', expected: 'a network that ends in a mean and a linear layer', found: graph.id }])

const planCam = (graph: LayerGraph, head: ClassHead, layer: string | undefined): ClassMapPlan => {
  if ('missing' in head.maps) throw refuseCam(graph, head.maps.missing)
  const { tap } = head.maps
  if (layer !== undefined && graph.taps.get(findLayer(graph, layer, '/layer').name) !== graph.taps.get(tap))
    throw new VentralError('invalid-value', `A class activation map of ${graph.id} is of its last maps, ${tap}. ${graph.given === undefined ? `For ${layer} ask for "method=grad-cam".` : 'Leave the layer out.'}`, [{ pointer: '/layer', expected: tap, found: layer }])
  return { method: 'cam', head, layer: layer ?? tap }
}

const planGradCam = (graph: LayerGraph, head: ClassHead, named: string | undefined): ClassMapPlan => {
  if (graph.given !== undefined)
    throw new VentralError('invalid-value', `${graph.id} is a model of your own, and Grad-CAM needs derivatives, which backbones that are built in have. Ask for "method=cam" without a layer.`, [{ pointer: '/method', expected: 'cam', found: 'grad-cam' }])
  const layer = named ?? graph.layers.findLast((candidate) => candidate.default && hasPlaces(graph, candidate.name))!.name
  if (hasPlaces(graph, layer)) return { method: 'grad-cam', head, layer }
  throw new VentralError('invalid-value', `${layer} of ${graph.id} has no places (${findLayer(graph, layer).shape.join(' x ')}), so that nothing can be shown over the image. Name a layer before it.`, [
    { pointer: '/layer', expected: 'a layer with maps', found: layer },
  ])
}

/** Resolves what a request leaves open. VentralError unknown-layer, invalid-value. */
export const planClassMap = (graph: LayerGraph, { method, layer, timeStep }: Pick<CamRequest, 'method' | 'layer' | 'timeStep'>): ClassMapPlan => {
  const head = neededHead(graph)
  if (timeStep !== undefined && layer === undefined) throw new VentralError('invalid-value', 'A time step is of a layer that is named, as in "layer=IT&timeStep=1".', [{ pointer: '/layer', expected: 'a recurrent area', found: 'none' }])
  const named = layer === undefined || timeStep === undefined ? layer : layerAtStep(graph, layer, timeStep)
  // Of a user's own model there is nothing else, so that what it lacks is told.
  const isCam = method === undefined ? named === undefined && ('tap' in head.maps || graph.given !== undefined) : method === 'cam'
  return isCam ? planCam(graph, head, named) : planGradCam(graph, head, named)
}

/** Names that have the text as a word, or else within one. */
const nearNames = (names: readonly string[], wanted: string): string[] => {
  const named = names.map((name, i) => ({ words: name.toLowerCase(), shown: `${i} (${name})` }))
  const within = named.filter(({ words }) => words.includes(wanted))
  const whole = within.filter(({ words }) => words.split(/[^\p{L}]+/u).includes(wanted))
  return (whole.length > 0 ? whole : within).map(({ shown }) => shown)
}

/** The index of a class that is given by its index or by one of its names. VentralError invalid-value. */
export const findClass = (given: number | string, { classes }: Pick<ClassHead, 'classes'>, names: readonly string[] | null): number => {
  const refuse = (message: string, expected: string): VentralError => new VentralError('invalid-value', message, [{ pointer: '/class', expected, found: String(given) }])
  if (typeof given === 'number') {
    if (given < classes) return given
    throw refuse(`There is no class ${given}: the network has the classes 0 to ${classes - 1}.`, `0 to ${classes - 1}`)
  }
  if (names === null) throw refuse(`The classes of this network have no names here. Name "${given}" by its index, 0 to ${classes - 1}, or set VENTRAL_CLASS_NAMES.`, `0 to ${classes - 1}`)
  const wanted = given.toLowerCase()
  const found = names.flatMap((name, i) => (name.toLowerCase() === wanted || name.toLowerCase().split(', ').includes(wanted) ? [i] : []))
  if (found.length === 1) return found[0]
  if (found.length > 1) throw refuse(`Several classes are called "${given}": ${found.join(', ')}. Name one by its index.`, found.join(' | '))
  const near = nearNames(names, wanted).slice(0, 5)
  throw refuse(`No class is called "${given}".${near.length === 0 ? '' : ` Near it are ${near.join('; ')}.`}`, `a name, or 0 to ${classes - 1}`)
}
