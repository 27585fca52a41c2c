import { activationsName } from '../domain/activations.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { isJoint } from './bands.ts'
import { layerName } from './fit-networks.ts'
import type { FitNetwork } from './fit-networks.ts'
import { invalid } from './refusals.ts'

/** Which layer the encoder is made of: `best`, `none` or a layer by its name in the fit. Stored activations give none: no new image can be run through them. */
export const resolveEncoder = (asked: string | undefined, networks: readonly FitNetwork[], mapping: ResolvedFit['mapping']): string => {
  const layersOf = (stored: boolean): string[] => {
    const chosen = networks.filter(({ backbone }) => (activationsName(backbone) !== null) === stored)
    // A joint mapping's encoder reads all layers, so that any stored activations among them leave none.
    if (isJoint(mapping)) return chosen.length === networks.length || (stored && chosen.length > 0) ? [mapping.method] : []
    return chosen.flatMap((network) => network.layers.map((layer) => layerName(network, layer)))
  }
  const layers = layersOf(false)
  const encoder = asked ?? (layers.length === 0 ? 'none' : 'best')
  if (encoder === 'none' || layers.includes(encoder)) return encoder
  if (layersOf(true).includes(encoder) || (encoder === 'best' && layers.length === 0))
    throw invalid('/encoder', layers.length === 0 ? '"none"' : `"best", "none" or one of ${layers.join(', ')}`, encoder, `No encoder can be made of activations from elsewhere: there is no network here to run a new image through. Say "encoder": "none"${layers.length === 0 ? ' or leave it out' : ''}; the held-out predictions can be downloaded.`)
  if (encoder !== 'best') throw invalid('/encoder', `"best", "none" or one of the fitted layers (${layers.join(', ')})`, encoder)
  return encoder
}
