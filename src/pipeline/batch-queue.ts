import { VentralError } from '../domain/errors.ts'

interface Waiting<Item, Result> {
  item: Item
  size: number
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

export interface BatchQueueOptions<Item, Result> {
  /** size of the largest batch, and of all that may wait */
  maxBatch: number
  maxWaiting: number
  /** runs items of one key together; answers one result per item */
  run: (key: string, items: Item[]) => Promise<Result[]>
}

/**
 * Dynamic batching without added delay: what arrives while a batch runs forms the next one. A full queue answers `busy` at once.
 */
export const createBatchQueue = <Item, Result>({ maxBatch, maxWaiting, run }: BatchQueueOptions<Item, Result>) => {
  const waiting = new Map<string, Waiting<Item, Result>[]>() // keys in order of arrival of their oldest item
  let size = 0
  let running = false

  const takeBatch = (): [string, Waiting<Item, Result>[]] | null => {
    const first = waiting.entries().next()
    if (first.done) return null
    const [key, all] = first.value
    let taken = 0
    let count = 0
    while (count < all.length && (count === 0 || taken + all[count].size <= maxBatch)) taken += all[count++].size
    const batch = all.splice(0, count)
    waiting.delete(key)
    if (all.length > 0) waiting.set(key, all) // behind the other keys, so that none waits for ever
    size -= taken
    return [key, batch]
  }

  const drain = async (): Promise<void> => {
    if (running) return
    running = true
    for (let next = takeBatch(); next !== null; next = takeBatch()) {
      const [key, batch] = next
      try {
        const results = await run(key, batch.map((entry) => entry.item))
        batch.forEach((entry, i) => entry.resolve(results[i]))
      } catch (error) {
        batch.forEach((entry) => entry.reject(error))
      }
    }
    running = false
  }

  const full = (more: number): VentralError | null =>
    size > 0 && size + more > maxWaiting ? new VentralError('busy', `${size} images wait already. Send the request again after the time in Retry-After.`) : null

  return {
    /** Throws `busy` when so many more would not be taken: to be asked before work is put into preparing them. */
    refuseWhenFull: (more: number): void => {
      const refusal = full(more)
      if (refusal) throw refusal
    },
    /** Resolves with the item's result. Throws `busy` when more than `maxWaiting` would wait. */
    add: (key: string, item: Item, itemSize: number): Promise<Result> => {
      const refusal = full(itemSize)
      if (refusal) return Promise.reject(refusal)
      return new Promise<Result>((resolve, reject) => {
        size += itemSize
        const queue = waiting.get(key)
        if (queue) queue.push({ item, size: itemSize, resolve, reject })
        else waiting.set(key, [{ item, size: itemSize, resolve, reject }])
        void drain()
      })
    },
  }
}
