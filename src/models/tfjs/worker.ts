import { answerMessages } from '../../numerics/worker-pool.ts'
import { loadBackend } from './backend.ts'
import type { TfjsFacts } from './facts.ts'
import type { TfjsMessage } from './messages.ts'
import { createTfjsNetwork } from './network.ts'
import type { TfjsNetwork } from './network.ts'
import type { Gradient } from './requests.ts'

let open: TfjsNetwork | null = null

const network = (): TfjsNetwork => {
  if (open === null) throw new Error('this thread has no network: the one that had it ended')
  return open
}

// Every operation blocks its thread, so that networks run here and the caller's thread stays free.
answerMessages(async (message: TfjsMessage): Promise<TfjsFacts | Float32Array[] | Gradient | null> => {
  switch (message.kind) {
    case 'facts':
      return loadBackend()
    case 'open': {
      const facts = await loadBackend()
      open = createTfjsNetwork(message.graph, message)
      return facts
    }
    case 'parameter':
      network().setParameter(message.name, message.parameter)
      return null
    case 'run':
      return network().run(message.stimuli, message.taps)
    case 'gradient':
      return network().gradient(message.stimuli, message.layer, message.of)
  }
})
