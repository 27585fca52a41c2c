import fs from 'node:fs/promises'
import path from 'node:path'
import type { ImageFile } from '../datasets/image-files.ts'
import type { LookFormat } from '../domain/looks.ts'
import type { Client } from './client.ts'
import { text } from './verb.ts'
import type { Call } from './verb.ts'

/** The query of a look: the flags that were given, by the names of its fields. */
export const lookQuery = (call: Call, fields: Readonly<Record<string, string>>): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).flatMap(([flag, field]) => (text(call, flag) === undefined ? [] : [[field, text(call, flag)!]])))

/** Images with their names, as the server takes them. */
const formOf = async (images: readonly ImageFile[]): Promise<FormData> => {
  const form = new FormData()
  for (const { name, read } of images) form.append('image', new Blob([new Uint8Array(await read())]), name)
  return form
}

/** The report of one image, which has the name that it has here, with its folders. */
export const askLook = async <R extends { images: { name: string }[] }>(client: Client, route: string, query: URLSearchParams, image: ImageFile): Promise<R> => {
  const report = await client.json<R>(`${route}?${query}`, { method: 'POST', body: await formOf([image]) })
  return { ...report, images: report.images.map((one) => ({ ...one, name: image.name })) }
}

/** Saves a look as a file, which appears when it is whole. */
export const saveLook = async (client: Client, route: string, query: URLSearchParams, images: readonly ImageFile[], { file, format }: { file: string; format: LookFormat }): Promise<void> => {
  await fs.mkdir(path.dirname(file), { recursive: true })
  await client.download(`${route}?${query}&format=${format}`, file, { method: 'POST', body: await formOf(images) })
}
