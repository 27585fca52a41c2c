import { VentralError } from '../../domain/errors.ts'
import type { Queryable } from '../database.ts'

/** Settings of the embedded server, given on its command line so that no file can say otherwise. */
export const serverSettings = (socketFolder: string, clusterName: string): Record<string, string> => ({
  // nothing is acknowledged before it is on disk
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // a socket in a folder that only we can enter, no network
  listen_addresses: '',
  unix_socket_directories: socketFolder,
  unix_socket_permissions: '0700',
  port: '5432',
  cluster_name: clusterName,
  // small and alone: few helper processes that a SIGKILL could leave behind
  shared_buffers: '32MB',
  max_connections: '100',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  max_wal_size: '256MB',
  huge_pages: 'off',
  jit: 'off',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: 'off',
  log_min_messages: 'warning',
})

const durable = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums']

/** Throws unless the server keeps what it acknowledges and notices damaged pages. */
export const assertDurable = async (db: Queryable): Promise<void> => {
  const { rows } = await db.query<{ name: string; setting: string }>('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [durable])
  const wrong = durable.filter((name) => rows.find((row) => row.name === name)?.setting !== 'on')
  if (wrong.length > 0)
    throw new VentralError(
      'internal',
      `The database runs without ${wrong.join(', ')}: acknowledged data could be lost. Remove these settings from its configuration.`,
    )
}
