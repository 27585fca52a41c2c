import { bandsOf, isJoint } from './bands.ts'
import type { Band } from './bands.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { buildEncoder } from './encoder.ts'
import type { EncoderParts, EncoderWork } from './encoder.ts'
import { networksOf } from './fit-networks.ts'
import type { FindOffer } from './offer.ts'

/** The bands of one of a fit's results by its name: its layer alone, or all of a joint mapping's. */
export const resultBands = (request: ResolvedFit, name: string, find: FindOffer): Band[] => {
  const bands = bandsOf(networksOf(request), request.mapping, find)
  return isJoint(request.mapping) ? bands : bands.filter((band) => band.name === name)
}

/** Encoder of one of a fit's results by its name; null where it cannot be made (`scores.warnings` says why), or where there is no network to run. */
export const layerEncoder = (work: EncoderWork & { find: FindOffer }, parts: Omit<EncoderParts, 'bands'>): Promise<string | null> =>
  buildEncoder(work, { ...parts, bands: resultBands(work.request, parts.name, work.find) })
