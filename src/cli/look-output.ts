import { openAsBlob } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { lookFormats } from '../domain/looks.ts'
import type { LookFormat } from '../domain/looks.ts'
import type { Client } from './client.ts'
import { openInput } from './files.ts'
import { text, UsageError } from './verb.ts'
import type { Call } from './verb.ts'

/** The format that a file's ending asks for. */
export const formatOfFile = (file: string): LookFormat => {
  const format = path.extname(file).slice(1).toLowerCase()
  if ((lookFormats as readonly string[]).includes(format)) return format as LookFormat
  throw new UsageError('--out takes a file that ends in .png, .npz or .json.')
}

/** A query of the flags that were given, by the names of its fields. */
export const queryOf = (call: Call, fields: Record<string, string>): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).flatMap(([flag, field]) => (text(call, flag) === undefined ? [] : [[field, text(call, flag)!]])))

/** Images with their names, as the server takes them. */
export const imageForm = (images: readonly { name: string; blob: Blob }[]): FormData => {
  const form = new FormData()
  for (const { name, blob } of images) form.append('image', blob, name)
  return form
}

/** The files that were named. */
export const fileForm = async (files: readonly string[]): Promise<FormData> =>
  imageForm(await Promise.all(files.map(async (file) => ({ name: path.basename(file), blob: await openInput(file, (found) => openAsBlob(found)) }))))

/** Asks for a look, and writes the answer to a file, which appears when it is whole. */
export const saveLook = async (client: Client, route: string, query: URLSearchParams, images: FormData, file: string): Promise<void> => {
  const format = formatOfFile(file)
  await fs.mkdir(path.dirname(file), { recursive: true })
  await client.download(`${route}?${query}&format=${format}`, file, { method: 'POST', body: images })
}
