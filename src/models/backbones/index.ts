import { VentralError } from '../../domain/errors.ts'
import type { LayerGraph } from '../graph.ts'
import { nearest } from '../nearest-names.ts'
import { alexnets } from './alexnet.ts'
import { convnexts } from './convnext.ts'
import { cornetRs } from './cornet-r.ts'
import { cornetSs } from './cornet-s.ts'
import { cornetZs } from './cornet-z.ts'
import { densenets } from './densenet.ts'
import { efficientnets } from './efficientnet.ts'
import { googlenets } from './googlenet.ts'
import { inceptionV3s } from './inception-v3.ts'
import { mobilenetV2s } from './mobilenet-v2.ts'
import { mobilenetV3s } from './mobilenet-v3.ts'
import { pixelsControl } from './pixels.ts'
import { pnasnets } from './pnasnet.ts'
import { resnets } from './resnet.ts'
import { shufflenets } from './shufflenet.ts'
import { squeezenets } from './squeezenet.ts'
import { v1Gabors } from './v1-gabor.ts'
import { vggs } from './vgg.ts'
import { xceptions } from './xception.ts'

/** Every backbone's id and how to build its graph. A new family is one file and one line here. */
const makers: Record<string, () => LayerGraph> = {
  ...pixelsControl,
  ...v1Gabors,
  ...alexnets,
  ...vggs,
  ...resnets,
  ...squeezenets,
  ...densenets,
  ...mobilenetV2s,
  ...mobilenetV3s,
  ...efficientnets,
  ...googlenets,
  ...inceptionV3s,
  ...xceptions,
  ...pnasnets,
  ...shufflenets,
  ...convnexts,
  ...cornetZs,
  ...cornetRs,
  ...cornetSs,
}

const built = new Map<string, LayerGraph>()

/** Ids of all backbones. */
export const backboneIds: readonly string[] = Object.keys(makers)

/** The backbone's layer graph, built once per thread. VentralError unknown-backbone, with the nearest ids, when there is none. */
export const getBackbone = (id: string, pointer = '/backbone'): LayerGraph => {
  const known = built.get(id)
  if (known) return known
  if (!Object.hasOwn(makers, id)) {
    throw new VentralError(
      'unknown-backbone',
      `There is no backbone "${id}". The nearest are ${nearest(id, backboneIds).join(', ')}; GET /backbones lists all.`,
      [{ pointer, expected: 'an id that GET /backbones lists', found: id }],
    )
  }
  const graph = makers[id]()
  built.set(id, graph)
  return graph
}

/** All backbones' graphs. */
export const listBackbones = (): LayerGraph[] => backboneIds.map((id) => getBackbone(id))
