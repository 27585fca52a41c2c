import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import type { Database } from './database.ts'

const folder = path.join(import.meta.dirname, 'migrations')
const LOCK = 7_263_401 // an advisory lock of our own: two processes that start together migrate one after the other

export interface Migration {
  name: string
  sql: string
}

/** The migrations that come with this version, in order. Files are named NNN-name.sql. */
export const readMigrations = (from = folder): Migration[] =>
  fs
    .readdirSync(from)
    .filter((file) => /^\d{3}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: fs.readFileSync(path.join(from, file), 'utf8') }))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Brings the schema up to date, all in one transaction, and answers the names that were applied. Throws when the
 * database is newer than this version or when an applied migration was changed afterwards.
 */
export const migrate = (db: Database, migrations: Migration[] = readMigrations()): Promise<string[]> =>
  db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await tx.query('CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())')
    const { rows } = await tx.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM migrations')
    const known = new Map(migrations.map((migration) => [migration.name, sha256(migration.sql)]))
    for (const row of rows) {
      if (!known.has(row.name))
        throw new VentralError(
          'internal',
          `The database has migration ${row.name}, which this version of Ventral does not know: it is older than the data. Install the newer version.`,
        )
      if (known.get(row.name) !== row.sha256) throw new Error(`Migration ${row.name} was changed after it had been applied.`)
    }
    const applied = new Set(rows.map((row) => row.name))
    const pending = migrations.filter((migration) => !applied.has(migration.name))
    for (const { name, sql } of pending) {
      await tx.query(sql)
      await tx.query('INSERT INTO migrations (name, sha256) VALUES ($1, $2)', [name, sha256(sql)])
    }
    return pending.map((migration) => migration.name)
  })
