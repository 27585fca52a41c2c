import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { columnOf, readTable } from './csv.ts'
import type { ImageFile } from './image-files.ts'
import { quoted, some, sourceFile } from './source-file.ts'
import { stemOf } from './stimulus-names.ts'

export interface LabelledImage extends ImageFile {
  label: string
  /** of a given division into training and test images; null where there is none */
  part: 'train' | 'test' | null
}

export interface LabelledImages {
  images: LabelledImage[]
  /** how the classes were found, in words */
  layout: string
  warnings: string[]
}

const partOf: Record<string, 'train' | 'test'> = { train: 'train', training: 'train', test: 'test', val: 'test', validation: 'test' }

/** Folders that all images share, but for the last one of any. */
const sharedFolders = (folders: readonly string[][]): number => {
  const most = Math.min(...folders.map((parts) => parts.length - 1))
  let shared = 0
  while (shared < most && folders.every((parts) => parts[shared] === folders[0][shared])) shared++
  return shared
}

/** The folders are the classes, as in ImageNet's validation set sorted into folders; above them there may be `train` and `test` or `val`. */
export const labelsByFolder = (images: readonly ImageFile[]): LabelledImages => {
  const folders = images.map(({ name }) => name.normalize('NFC').split('/').slice(0, -1))
  const loose = folders.findIndex((parts) => parts.length === 0)
  if (loose >= 0)
    throw new VentralError('missing-field', `${images[loose].name} lies in no folder, so nothing says its class. Sort the images into a folder per class, or give a table of their classes (--labels FILE.csv).`, [
      { pointer: images[loose].name, expected: 'a folder named after its class', found: 'none' },
    ])
  const shared = sharedFolders(folders)
  const tops = new Set(folders.map((parts) => parts[shared]))
  const parts = [...tops].map((top) => partOf[top.toLowerCase()])
  const divided = parts.includes('train') && parts.includes('test') && !parts.includes(undefined as never) && folders.every((all) => all.length > shared + 1)
  return {
    images: images.map((image, i) => ({ ...image, label: folders[i][shared + Number(divided)], part: divided ? partOf[folders[i][shared].toLowerCase()] : null })),
    layout: divided ? `class folders in ${[...tops].join(' and ')}` : 'class folders',
    warnings: [],
  }
}

const nameColumns = ['filename', 'image', 'file', 'path', 'stimulus_id', 'ImageId']
const labelColumns = ['label', 'class', 'synset', 'category', 'object_name']

/** Images by path, by base name, or by base name without extension, where that names one alone. */
const finder = (images: readonly ImageFile[]): ((name: string) => number | undefined) => {
  const found = new Map<string, number | null>()
  const paths = new Map(images.map(({ name }, i) => [name.normalize('NFC'), i]))
  for (const [i, { name }] of images.entries()) {
    const base = path.posix.basename(name.normalize('NFC'))
    for (const key of new Set([base, stemOf(base)])) found.set(key, found.has(key) ? null : i)
  }
  return (name) => paths.get(name) ?? found.get(name) ?? undefined
}

/** A table says the classes: CSV of an image and its class per line. Images that it leaves out are left out. */
export const labelsByTable = async (images: readonly ImageFile[], file: string): Promise<LabelledImages> => {
  const table = await readTable(sourceFile(file))
  const [names, labels] = [columnOf(table, nameColumns), columnOf(table, labelColumns)]
  for (const [column, known] of [[names, nameColumns], [labels, labelColumns]] as const)
    if (column === null) throw new VentralError('missing-field', `${table.file.name} has no column ${known.join(', ')}.`, [{ pointer: `${table.file.name}: header`, expected: known.join(', '), found: table.columns.join(', ') }])
  const find = finder(images)
  const seen = new Set<number>()
  const labelled = names!.values.map((name, row): LabelledImage => {
    const at = find(name)
    if (at === undefined)
      throw new VentralError('not-found', `${table.file.name}, line ${table.rows[row].line}: there is no image ${quoted(name)}, or several of that name.`, [{ pointer: `${table.file.name}: ${names!.name}`, expected: 'an image of the input', found: quoted(name) }])
    if (seen.has(at)) throw new VentralError('duplicate-id', `${table.file.name}, line ${table.rows[row].line}: the image ${quoted(name)} has a line already.`, [{ pointer: `${table.file.name}: ${names!.name}`, expected: 'one line per image', found: quoted(name) }])
    seen.add(at)
    return { ...images[at], label: labels!.values[row], part: null }
  })
  if (labelled.length === 0) throw new VentralError('too-few-stimuli', `${table.file.name} names no image.`, [{ pointer: table.file.name, expected: 'at least one line', found: 'none' }])
  const left = images.filter((_, i) => !seen.has(i)).map(({ name }) => name)
  return {
    images: labelled,
    layout: `classes of ${table.file.name}`,
    warnings: left.length === 0 ? [] : [`${left.length} images have no line in ${table.file.name} and were left out: ${some(left)}.`],
  }
}
