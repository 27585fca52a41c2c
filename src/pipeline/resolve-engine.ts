import { activationsName } from '../domain/activations.ts'
import type { EngineName } from '../domain/engine.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { refuseGiven } from '../models/tfjs/refuse-given.ts'
import { networksOf } from './fit-networks.ts'
import type { FindOffer } from './offer.ts'
import { invalid } from './refusals.ts'

/**
 * The engine that computes a fit's networks, as its resolved request says it: as asked, else as the service is set. Refused where there
 * is no network to compute, or one that the engine does not compute.
 */
export const resolveEngine = (asked: EngineName | undefined, configured: EngineName, request: ResolvedFit, find: FindOffer): Pick<ResolvedFit, 'engine'> => {
  const networks = networksOf(request).filter(({ backbone }) => activationsName(backbone) === null)
  const computes = networks.length > 0 || request.controls.length > 0
  if (!computes && asked !== undefined) throw invalid('/engine', 'nothing', asked, 'The fit is of activations from elsewhere, so there is no network that an engine would compute: leave "engine" out.')
  if (!computes || (asked ?? configured) === 'onnx') return {}
  for (const network of networks) refuseGiven(find(network).graph!)
  return { engine: 'tfjs' }
}
