import type { Database, Queryable } from '../database.ts'
import type { Listener } from '../listener.ts'

export type FitEventType = 'status' | 'progress' | 'end'

export interface FitEvent {
  /** monotone per fit */
  id: number
  type: FitEventType
  data: Record<string, unknown>
}

const CHANNEL = 'ventral_fit_events'

/** Appends an event in a transaction that holds the lock of the fit's row, and tells the listeners when it commits. */
export const appendFitEvent = async (tx: Queryable, fit: string, type: FitEventType, data: object): Promise<void> => {
  await tx.query('INSERT INTO fit_events (fit, type, data) VALUES ($1, $2, $3)', [fit, type, JSON.stringify(data)])
  await tx.query('SELECT pg_notify($1, $2)', [CHANNEL, fit])
}

/** Events of a fit with an id above `after`, in order. */
export const fitEventsAfter = async (db: Queryable, fit: string, after = 0): Promise<FitEvent[]> => {
  const { rows } = await db.query<{ id: string; type: FitEventType; data: Record<string, unknown> }>(
    'SELECT id, type, data FROM fit_events WHERE fit = $1 AND id > $2 ORDER BY id',
    [fit, after],
  )
  return rows.map((row) => ({ ...row, id: Number(row.id) }))
}

export interface FitEventHub {
  /** Calls `onChange` whenever the fit may have new events; answers the function that ends it. */
  subscribe(fit: string, onChange: () => void): () => void
  close(): Promise<void>
}

/** One LISTEN connection for all readers of one process. A call is a hint to read `fitEventsAfter`; after a broken connection everyone is called. */
export const openFitEventHub = async (db: Database): Promise<FitEventHub> => {
  const subscribers = new Map<string, Set<() => void>>()
  const call = (callbacks: Iterable<() => void>): void => {
    for (const callback of [...callbacks]) callback()
  }
  const listener: Listener = await db.listen(
    CHANNEL,
    (fit) => call(subscribers.get(fit) ?? []),
    () => call([...subscribers.values()].flatMap((set) => [...set])),
  )
  return {
    subscribe: (fit, onChange) => {
      const set = subscribers.get(fit) ?? new Set()
      subscribers.set(fit, set.add(onChange))
      return () => {
        set.delete(onChange)
        if (set.size === 0 && subscribers.get(fit) === set) subscribers.delete(fit)
      }
    },
    close: () => listener.close(),
  }
}
