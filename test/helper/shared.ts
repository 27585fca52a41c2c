import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
const folder = path.resolve(root, process.env.VENTRAL_SHARED ?? '../shared')

/** Path inside the shared folder of reference data. */
export const shared = (...parts: string[]): string => path.join(folder, ...parts)

/** Options for a tap test that needs the given shared file: runs where it is present and skips, saying so, elsewhere. */
export const needs = (...parts: string[]): { skip: string | false } =>
  fs.existsSync(shared(...parts)) ? { skip: false } : { skip: `needs the shared reference file ${parts.join('/')}` }

export const sharedJson = <T>(...parts: string[]): T => JSON.parse(fs.readFileSync(shared(...parts), 'utf8')) as T
