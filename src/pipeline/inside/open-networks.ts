import type { LookRequest } from '../../domain/looks.ts'
import type { OpenBackbone } from '../../models/activations.ts'
import type { TapRequest } from '../../models/build-onnx.ts'
import type { PipelineContext } from '../context.ts'
import { openNetworkSession } from '../extract.ts'
import type { Network } from '../extract.ts'
import { openNetwork } from '../networks.ts'
import { resolveWeights } from '../resolve-network.ts'

/** Sessions kept open for the next look. */
const MAX_OPEN = 2

export interface OpenNetworks {
  /** The network of a request. VentralError unknown-backbone, weights-missing, invalid-value. */
  find: (request: LookRequest) => Promise<Network>
  /** A session on its taps, valid until two others were asked for. */
  session: (network: Network, taps: readonly TapRequest[]) => Promise<OpenBackbone>
  close: () => Promise<void>
}

/** Networks that are looked into: a session stays open for the next image, since opening one takes longer than a look. */
export const createOpenNetworks = (context: PipelineContext): OpenNetworks => {
  const sessions = new Map<string, Promise<OpenBackbone>>() // least recently used first
  const release = async (session: Promise<OpenBackbone>): Promise<void> => (await session.catch(() => null))?.close()
  return {
    find: ({ backbone, weights, seed = 0 }) => openNetwork(context, { backbone, weights: resolveWeights(weights), seed }, 'none'),
    session: async (network, taps) => {
      const key = JSON.stringify([network.graph.id, network.weights, taps])
      const session = sessions.get(key) ?? openNetworkSession(network, { taps, threads: context.config.threads, normalise: true, folder: context.home.folders.tmp })
      sessions.delete(key)
      sessions.set(key, session)
      session.catch(() => sessions.delete(key))
      if (sessions.size > MAX_OPEN) {
        const [oldest, least] = sessions.entries().next().value!
        sessions.delete(oldest)
        await release(least)
      }
      return session
    },
    close: async () => {
      await Promise.all([...sessions.values()].map(release))
      sessions.clear()
    },
  }
}
