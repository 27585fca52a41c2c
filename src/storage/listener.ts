import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

export interface Listener {
  close(): Promise<void>
}

/**
 * LISTENs on a channel over a connection of its own. When that breaks it is renewed, and `onReconnect` tells that
 * messages may have been missed: notifications are hints, the rows are the truth.
 */
export const openListener = async (
  connect: () => pg.Client,
  channel: string,
  onMessage: (payload: string) => void,
  onReconnect: () => void = () => {},
): Promise<Listener> => {
  const closing = new AbortController()
  let current: pg.Client | null = null

  const subscribe = async (): Promise<void> => {
    const client = connect()
    let live = false
    const onEnd = (): void => {
      if (!live) return
      live = false
      if (!closing.signal.aborted) void renew()
    }
    client.on('notification', (message) => onMessage(message.payload ?? ''))
    client.on('error', onEnd)
    client.on('end', onEnd)
    try {
      await client.connect()
      await client.query(`LISTEN ${channel}`)
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    live = true
    current = client
    if (closing.signal.aborted) await client.end().catch(() => {})
  }

  const renew = async (): Promise<void> => {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(2 * pause, 2_000)) {
      try {
        await delay(pause, undefined, { signal: closing.signal, ref: false })
        await subscribe()
        onReconnect()
        return
      } catch {
        // the next round tries again, or the loop ends because it was closed
      }
    }
  }

  await subscribe()
  return {
    close: async () => {
      closing.abort()
      await current?.end().catch(() => {})
    },
  }
}
