/** What is open and can be closed. */
interface Closable {
  close: () => Promise<void>
}

/** Keeps the last `max` things open, by key; one asked for again need not be opened again. What is handed out is valid until `max` others were asked for. */
export const keepRecent = <T extends Closable>(max: number) => {
  const kept = new Map<string, Promise<T>>() // least recently used first
  const closed = async (one: Promise<T>): Promise<void> => (await one.catch(() => null))?.close()
  return {
    get: async (key: string, open: () => Promise<T>): Promise<T> => {
      const one = kept.get(key) ?? open()
      kept.delete(key)
      kept.set(key, one)
      one.catch(() => kept.delete(key))
      if (kept.size > max) {
        const [oldest, least] = kept.entries().next().value!
        kept.delete(oldest)
        await closed(least)
      }
      return one
    },
    close: async (): Promise<void> => {
      await Promise.all([...kept.values()].map(closed))
      kept.clear()
    },
  }
}
