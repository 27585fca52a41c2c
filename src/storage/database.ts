import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { isConnectionError, translateDatabaseError } from './database-errors.ts'
import { openListener, type Listener } from './listener.ts'

/** What a repository function needs: the database itself, or one transaction in it. */
export interface Queryable {
  /** whose rows repositories read, change and delete through it; absent or null: everybody's */
  readonly owner?: string | null
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<{ rows: Row[]; rowCount: number }>
}

export interface Database extends Queryable {
  /** how to connect, for the queue's own pool and for other processes */
  readonly connection: Connection
  /**
   * Runs `work` in one transaction: commits when it resolves, rolls back when it throws. All statements of `work` must go
   * through `tx`: one that waits for a second connection while all are taken by waiting transactions would wait for ever.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** One connection of its own, outside the pool, for session locks. The caller ends it. */
  session(): Promise<pg.Client>
  /** LISTENs on a connection of its own, which is renewed when it breaks. */
  listen(channel: string, onMessage: (payload: string) => void, onReconnect?: () => void): Promise<Listener>
  close(): Promise<void>
}

/** A connection string, or the folder of a unix socket with a user and a database. */
export type Connection = { connectionString: string } | { host: string; port: number; user: string; database: string }

export interface DatabaseOptions {
  connections?: number
  /** how long to wait for a server that is starting or restarting */
  patienceMs?: number
}

// A commit is acknowledged only once it is on disk, whatever a server's or a role's default says.
const sessionOptions = { options: '-c synchronous_commit=on', application_name: 'ventral', keepAlive: true }

export const clientConfig = (connection: Connection): pg.ClientConfig => ({ ...connection, ...sessionOptions, connectionTimeoutMillis: 10_000 })

const retryConnecting = async <T>(connect: () => Promise<T>, patienceMs: number): Promise<T> => {
  const end = Date.now() + patienceMs
  for (let pause = 10; ; pause = Math.min(2 * pause, 200)) {
    try {
      return await connect()
    } catch (error) {
      if (!isConnectionError(error) || Date.now() + pause > end) throw error
      await delay(pause)
    }
  }
}

/** Opens a pool on the database. Connecting is retried while the server starts; a statement never is, since it may have taken effect. */
export const openDatabase = (connection: Connection, { connections = 10, patienceMs = 5_000 }: DatabaseOptions = {}): Database => {
  const pool = new pg.Pool({ ...clientConfig(connection), max: connections, idleTimeoutMillis: 30_000 })
  // An idle connection that breaks is dropped by the pool; without a listener the event would end the process.
  pool.on('error', () => {})

  const withClient = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    try {
      const client = await retryConnecting(() => pool.connect(), patienceMs)
      let broken = false
      // A connection may break between two statements of a transaction; the next statement reports it.
      const onError = (): void => {
        broken = true
      }
      client.on('error', onError)
      try {
        return await work(client)
      } catch (error) {
        broken ||= isConnectionError(error)
        throw error
      } finally {
        client.off('error', onError)
        client.release(broken)
      }
    } catch (error) {
      throw translateDatabaseError(error)
    }
  }

  return {
    connection,
    query: (text, values) => withClient((client) => run(client, text, values)),
    transaction: (work) =>
      withClient(async (client) => {
        await client.query('BEGIN')
        try {
          const result = await work({ query: (text, values) => run(client, text, values) })
          await client.query('COMMIT')
          return result
        } catch (error) {
          await client.query('ROLLBACK').catch(() => {})
          throw error
        }
      }),
    session: async () => {
      try {
        return await retryConnecting(async () => {
          const client = new pg.Client(clientConfig(connection))
          client.on('error', () => {})
          await client.connect()
          return client
        }, patienceMs)
      } catch (error) {
        throw translateDatabaseError(error)
      }
    },
    listen: (channel, onMessage, onReconnect) => openListener(() => new pg.Client(clientConfig(connection)), channel, onMessage, onReconnect),
    close: () => pool.end(),
  }
}

/** The same database, in which only the rows of one owner are there. */
export const ownedBy = (db: Database, owner: string): Database => ({ ...db, owner, transaction: (work) => db.transaction((tx) => work({ ...tx, owner })) })

/** For `owner` in a statement: `$n::text IS NULL OR owner = $n`. */
export const ownerOf = ({ owner }: Queryable): string | null => owner ?? null

const run = async <Row extends object>(client: pg.PoolClient, text: string, values: unknown[] = []): Promise<{ rows: Row[]; rowCount: number }> => {
  const result = await client.query<Row>(text, values)
  return { rows: result.rows, rowCount: result.rowCount ?? 0 }
}
