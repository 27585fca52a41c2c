import type { LookRequest } from '../../domain/looks.ts'
import type { OpenBackbone } from '../../models/activations.ts'
import type { TapRequest } from '../../models/build-onnx.ts'
import { onBehalfOf } from '../context.ts'
import type { PipelineContext } from '../context.ts'
import { openNetworkSession } from '../extract.ts'
import type { Network } from '../extract.ts'
import { openNetwork } from '../networks.ts'
import { resolveWeights } from '../resolve-network.ts'
import { createClassMapper } from './class-mapper.ts'
import type { ClassMapper } from './class-mapper.ts'
import type { ClassMapPlan } from './class-maps.ts'
import { keepRecent } from './recent.ts'

/** Sessions kept open for the next look, and mappers, which may hold a whole network's parameters each. */
const MAX_OPEN = 2
const MAX_MAPPERS = 1

export interface OpenNetworks {
  /** file of the names of classes, as the settings have it */
  classNames: string | null
  /** The network of a request. VentralError unknown-backbone, weights-missing, invalid-value. */
  find: (request: LookRequest) => Promise<Network>
  /** A session on its taps, valid until two others were asked for. */
  session: (network: Network, taps: readonly TapRequest[]) => Promise<OpenBackbone>
  /** What makes class maps of a layer's activations, valid until another was asked for. */
  classMapper: (network: Network, plan: ClassMapPlan) => Promise<ClassMapper>
  /** The same sessions, for one owner's models and those that are built in; null: everybody's. */
  seenBy: (owner: string | null) => OpenNetworks
  close: () => Promise<void>
}

/** Networks that are looked into: what was opened for one image stays open for the next, since opening takes longer than a look. */
export const createOpenNetworks = (context: PipelineContext): OpenNetworks => {
  const sessions = keepRecent<OpenBackbone>(MAX_OPEN)
  const mappers = keepRecent<ClassMapper>(MAX_MAPPERS)
  const keyOf = ({ graph, weights }: Network, of: unknown): string => JSON.stringify([graph.id, weights, of])
  const findAs =
    (seen: PipelineContext): OpenNetworks['find'] =>
    ({ backbone, weights, seed = 0 }) =>
      openNetwork(seen, { backbone, weights: resolveWeights(weights), seed }, 'none')
  const networks: OpenNetworks = {
    classNames: context.config.classNames,
    find: findAs(context),
    seenBy: (owner) => ({ ...networks, find: findAs(onBehalfOf(context, owner)) }),
    session: (network, taps) =>
      sessions.get(keyOf(network, taps), () => openNetworkSession(network, { taps, threads: context.config.threads, normalise: true, folder: context.home.folders.tmp })),
    classMapper: (network, plan) => mappers.get(keyOf(network, [plan.method, plan.layer]), () => createClassMapper(network, plan)),
    close: async () => {
      await sessions.close()
      await mappers.close()
    },
  }
  return networks
}
