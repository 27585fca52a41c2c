import { activationsName } from '../domain/activations.ts'
import type { EngineName } from '../domain/engine.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { networksOf } from './fit-networks.ts'
import { invalid } from './refusals.ts'

/**
 * The engine that computes a fit's networks, as its resolved request says it: as asked, else as the service is set. Refused where there
 * is no network to compute.
 */
export const resolveEngine = (asked: EngineName | undefined, configured: EngineName, request: ResolvedFit): Pick<ResolvedFit, 'engine'> => {
  const computes = networksOf(request).some(({ backbone }) => activationsName(backbone) === null) || request.controls.length > 0
  if (!computes && asked !== undefined) throw invalid('/engine', 'nothing', asked, 'The fit is of activations from elsewhere, so there is no network that an engine would compute: leave "engine" out.')
  return computes && (asked ?? configured) === 'tfjs' ? { engine: 'tfjs' } : {}
}
