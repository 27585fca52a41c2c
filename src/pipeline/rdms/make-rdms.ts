import { VentralError } from '../../domain/errors.ts'
import type { PipelineContext } from '../context.ts'
import { withLayers } from './layer-activations.ts'
import { makeRdm } from './make-rdm.ts'
import type { MadeRdm, ResolvedRdm } from './make-rdm.ts'
import type { RdmWork } from './open-representation.ts'

/** Pairs of all RDMs of one request together: with their percentiles 0.8 GB. */
const MAX_PAIRS = 5e7

const oneByOne = async (context: PipelineContext, requests: readonly ResolvedRdm[], work: RdmWork): Promise<MadeRdm[]> => {
  const made: MadeRdm[] = []
  for (const request of requests) {
    made.push(await makeRdm(context, request, work))
    const pairs = made[0].rdm.values.length * requests.length
    if (pairs > MAX_PAIRS)
      throw new VentralError('does-not-fit', `${requests.length} RDMs of ${made[0].summary.n} rows are too many for one request. Ask for ${Math.max(1, Math.floor((requests.length * MAX_PAIRS) / pairs))} layers at a time.`, [
        { pointer: '/of/layers', expected: 'fewer layers', found: String(requests.length) },
      ])
  }
  return made
}

/** RDMs of several layers of one network or fit. */
export const makeRdms = (context: PipelineContext, requests: readonly ResolvedRdm[], work: RdmWork): Promise<MadeRdm[]> => {
  const [{ of }] = requests
  if (of.kind !== 'activations') return oneByOne(context, requests, work)
  const layers = requests.map((request) => (request.of.kind === 'activations' ? request.of.layer : of.layer))
  return withLayers(context, of, layers, work, () => oneByOne(context, requests, work))
}
