import { VentralError } from '../domain/errors.ts'
import { quoted } from './source-file.ts'

/** An image as pairing sees it. */
export interface NamedImage {
  path: string
  baseName: string
}

/** What a file says about the names of its rows. `file` is for messages. */
export interface RowNames {
  file: string
  stimulusIds: string[] | null
  filenames: string[] | null
}

/** Images by their names. `find` takes a path, a base name, or a base name without extension; `stems` are the ids of unnamed stimuli. */
export interface ImageIndex {
  find(name: string): number | undefined
  stems: string[]
}

const baseNameOf = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
/** A file name without its extension. */
export const stemOf = (baseName: string): string => baseName.replace(/(?<=.)\.[^.]*$/, '')

/** Finds images by path, base name, or base name without extension. Equal base names in two folders are refused: a name would not say which. */
export const indexImages = (archive: string, images: readonly NamedImage[]): ImageIndex => {
  const byBase = new Map<string, number>()
  const byStem = new Map<string, number | null>()
  images.forEach(({ path, baseName }, i) => {
    const other = byBase.get(baseName)
    if (other !== undefined) {
      throw new VentralError(
        'duplicate-id',
        `${archive} holds ${quoted(baseName)} twice: ${images[other].path} and ${path}. Give every image its own file name.`,
        [{ pointer: `${archive}: ${path}`, expected: 'unique file names', found: `${images[other].path} and ${path}` }],
      )
    }
    byBase.set(baseName, i)
    byStem.set(stemOf(baseName), byStem.has(stemOf(baseName)) ? null : i)
  })
  const byPath = new Map(images.map(({ path }, i) => [path, i]))
  const stemsAreUnique = [...byStem.values()].every((i) => i !== null)
  return {
    find: (name) => byPath.get(name) ?? byBase.get(baseNameOf(name)) ?? byStem.get(name) ?? undefined,
    stems: images.map(({ baseName }) => (stemsAreUnique ? stemOf(baseName) : baseName)),
  }
}

export const refuseRepeats = (file: string, column: string, values: readonly string[] | null): void => {
  const seen = new Set<string>()
  for (const value of values ?? []) {
    if (seen.has(value))
      throw new VentralError('duplicate-id', `${file}: ${column} ${quoted(value)} occurs twice. Every stimulus needs one row.`, [
        { pointer: `${file}: ${column}`, expected: 'unique values', found: quoted(value) },
      ])
    seen.add(value)
  }
}

/** Index of each row's image, by the file's names; undefined where no image has the name. */
export const findImages = (names: RowNames, index: ImageIndex, filenameOfId: ReadonlyMap<string, string>): (number | undefined)[] =>
  (names.filenames ?? names.stimulusIds ?? []).map((name) => index.find(names.filenames === null ? (filenameOfId.get(name) ?? name) : name))
