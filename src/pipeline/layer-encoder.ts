import { buildEncoder } from './encoder.ts'
import type { EncoderParts, EncoderWork } from './encoder.ts'
import { namedLayers, networksOf } from './fit-networks.ts'
import { openSource } from './open-source.ts'

/** Encoder of one of a fit's layers by its name; null where it cannot be made (`scores.warnings` says why), or where there is no network to run. */
export const layerEncoder = async (work: EncoderWork, { name, ...parts }: Omit<EncoderParts, 'network' | 'layer'>): Promise<string | null> => {
  const { layer, network: named } = namedLayers(networksOf(work.request)).find((candidate) => candidate.name === name)!
  const { network } = await openSource(work.context, work.dataset, named, named.pooling)
  if (network !== null) return buildEncoder(work, { ...parts, name, layer, network })
  parts.scores.warnings.push(`No encoder: ${name} are activations from elsewhere, and there is no network here to run a new image through.`)
  return null
}
