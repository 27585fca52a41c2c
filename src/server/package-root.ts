import fs from 'node:fs'
import path from 'node:path'

const find = (folder: string): string => (fs.existsSync(path.join(folder, 'package.json')) ? folder : find(path.dirname(folder)))

/** The package's own folder, from src as from dist. */
export const packageRoot = find(import.meta.dirname)

export const packageVersion = (JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version
