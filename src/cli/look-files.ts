import fs from 'node:fs/promises'
import path from 'node:path'
import { openImageFiles } from '../datasets/image-files.ts'
import type { ImageFile, ImageFiles } from '../datasets/image-files.ts'
import { lookFormats } from '../domain/looks.ts'
import type { LookFormat } from '../domain/looks.ts'
import { openInput } from './files.ts'
import { UsageError } from './verb.ts'

export interface LookImages extends ImageFiles {
  /** whether there may be several: then each has a file of its own in the folder that `--out` names */
  several: boolean
}

/** Images as named, and those in folders and archives. */
export const openLookImages = async (words: readonly string[]): Promise<LookImages> => {
  if (words.length === 0) throw new UsageError('No image was named.')
  const opened: ImageFiles[] = []
  let several = words.length > 1
  for (const word of words) {
    const isFolder = (await fs.stat(word).catch(() => null))?.isDirectory() === true
    const files = await (isFolder ? openImageFiles(word) : openInput(word, openImageFiles))
    several ||= isFolder || files.images.length > 1
    opened.push(files)
  }
  return { images: opened.flatMap(({ images }) => images), several, close: () => opened.forEach(({ close }) => close()) }
}

/** Where looks are saved: nowhere, all in one file, or a picture for each image. */
export type LookTarget = { kind: 'none' } | { kind: 'file'; file: string; format: LookFormat } | { kind: 'folder'; files: string[] }

const stemOf = (name: string): string => path.join(path.dirname(name), path.parse(name).name)

/** Files in the folder `out`, called as the images are; with these's endings too where only they tell two images apart. */
const filesIn = (out: string, images: readonly ImageFile[]): string[] => {
  const uses = Map.groupBy(images, ({ name }) => stemOf(name))
  return images.map(({ name }) => path.join(out, `${uses.get(stemOf(name))!.length === 1 ? stemOf(name) : name}.png`))
}

/** What `--out` means: by its ending a file of that format, without one, for several images, a folder of pictures. */
export const lookTarget = (out: string | undefined, { images, several }: LookImages): LookTarget => {
  if (out === undefined) return { kind: 'none' }
  const format = lookFormats.find((known) => path.extname(out).toLowerCase() === `.${known}`)
  if (format === 'png' && several) throw new UsageError('A picture is of one image. For several --out names a folder, or an .npz or .json file for all of them.')
  if (format !== undefined) return { kind: 'file', file: out, format }
  if (!several) throw new UsageError('--out takes a file that ends in .png, .npz or .json.')
  return { kind: 'folder', files: filesIn(out, images) }
}
