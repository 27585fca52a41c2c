import { VentralError } from '../../domain/errors.ts'
import type { LookFormat } from '../../domain/looks.ts'
import { createWorkerPool, workerUrl } from '../../numerics/worker-pool.ts'
import type { PipelineContext } from '../context.ts'
import type { NamedImage } from './images.ts'
import type { LookRequestOf, LookTask } from './look-tasks.ts'
import type { LookMessage } from './look-worker.ts'

const MAX_WAITING = 16

/** Looks inside networks: encoded images in, a file of the format asked for out. */
export interface Looks {
  /** `owner`: whose models there are; null: everybody's. Throws `busy` when many wait, and what the look itself refuses. */
  look<T extends LookTask>(task: T, request: LookRequestOf<T>, format: LookFormat, images: readonly NamedImage[], owner?: string | null): Promise<Uint8Array>
  close(): Promise<void>
}

/** Looks run one after the other in a thread of their own, which starts with the first. */
export const createLooks = ({ config }: Pick<PipelineContext, 'config'>): Looks => {
  const thread = createWorkerPool<LookMessage, Uint8Array>(workerUrl('look-worker', import.meta.url), 1)
  let waiting = 0
  return {
    look: async (task, request, format, images, owner = null) => {
      if (waiting >= MAX_WAITING) throw new VentralError('busy', `${waiting} looks inside networks wait already. Send the request again after the time in Retry-After.`)
      waiting++
      try {
        // A view would drag its whole buffer across.
        const copies = images.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) }))
        return await thread.ask({ config, task, request, format, images: copies, owner }, copies.map(({ bytes }) => bytes.buffer))
      } finally {
        waiting--
      }
    },
    close: () => thread.close(),
  }
}
