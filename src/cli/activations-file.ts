import { openAsBlob } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { ActivationsVersion } from '../domain/activations.ts'
import { VentralError } from '../domain/errors.ts'
import { columnOf, readTable } from '../datasets/csv.ts'
import { sourceFile } from '../datasets/source-file.ts'
import { encodeNpy } from '../numerics/npy.ts'
import { streamNpzFiles } from '../numerics/npz.ts'
import type { Client } from './client.ts'
import { openInput } from './files.ts'

export interface ActivationsToPut {
  /** .npz, .npy, or a folder that `ventral activations --out` wrote */
  input: string
  /** the file's own name where none is given */
  name?: string
  dataset: string
  rows?: string
}

/** A name that the server takes, made of a file's. */
const nameOf = (input: string): string => {
  const base = path.basename(path.resolve(input)).replace(/(?<=.)\.np[yz]$/, '')
  return base.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '').slice(0, 100) || 'activations'
}

const ROWS = 'rows.csv'

/** A folder of LAYER.npy files with the table that names their rows, as one .npz that is made while it is sent. */
const folderAsNpz = async (folder: string): Promise<AsyncIterable<Uint8Array>> => {
  const layers = (await fs.readdir(folder)).filter((file) => file.endsWith('.npy') && !file.startsWith('.')).sort()
  const table = path.join(folder, ROWS)
  const ids = (await fs.stat(table).catch(() => null)) === null ? null : columnOf(await readTable(sourceFile(table)), ['stimulus_id'])
  if (layers.length === 0 || ids === null)
    throw new VentralError('missing-field', `${folder} is not a folder that "ventral activations --out" wrote: it needs ${ROWS} with a column stimulus_id, and a .npy per layer.`, [
      { pointer: folder, expected: `${ROWS} and LAYER.npy`, found: `${layers.length} .npy files${ids === null ? ' without row names' : ''}` },
    ])
  return streamNpzFiles({ stimulus_id: encodeNpy(ids.values, [ids.values.length]), ...Object.fromEntries(layers.map((file) => [file.slice(0, -'.npy'.length), path.join(folder, file)])) })
}

const isFolder = async (input: string): Promise<boolean> => (await fs.stat(input).catch(() => null))?.isDirectory() === true

/** Sends activations to be stored for a dataset, as a stream; answers the version that they are. */
export const putActivations = async (client: Client, { input, name = nameOf(input), dataset, rows }: ActivationsToPut): Promise<ActivationsVersion> => {
  const body = (await isFolder(input)) ? await folderAsNpz(input) : await openInput(input, (found) => openAsBlob(found))
  const query = new URLSearchParams({ dataset, source: path.basename(path.resolve(input)), ...(rows === undefined ? {} : { rows }) })
  return client.json<ActivationsVersion>(`/activations/${encodeURIComponent(name)}?${query}`, { method: 'PUT', body })
}
