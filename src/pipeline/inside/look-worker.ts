import type { Config } from '../../config.ts'
import type { LookFormat } from '../../domain/looks.ts'
import { answerMessages } from '../../numerics/worker-pool.ts'
import { openContext } from '../context.ts'
import type { NamedImage } from './images.ts'
import { runLook } from './look-tasks.ts'
import type { LookTask } from './look-tasks.ts'
import { createOpenNetworks } from './open-networks.ts'
import type { OpenNetworks } from './open-networks.ts'

export interface LookMessage {
  config: Config
  task: LookTask
  request: unknown
  format: LookFormat
  images: NamedImage[]
  /** whose models there are; null: everybody's */
  owner: string | null
}

let networks: Promise<OpenNetworks> | null = null

/** A database that could not be reached is tried again with the next look. */
const open = (config: Config): Promise<OpenNetworks> => {
  networks ??= openContext(config, { attach: true }).then(createOpenNetworks)
  networks.catch(() => (networks = null))
  return networks
}

// Decoding, the network and the pictures all run here, and the server's own thread stays free.
answerMessages(async ({ config, task, request, format, images, owner }: LookMessage) => runLook((await open(config)).seenBy(owner), task, request, format, images))
