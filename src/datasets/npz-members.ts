import { buffer } from 'node:stream/consumers'
import { VentralError } from '../domain/errors.ts'
import { decodeNpy, decodeNpyText, readNpyHeader } from '../numerics/npy.ts'
import type { NpyHeader } from '../numerics/npy.ts'
import type { ZipArchive, ZipEntry } from './zip.ts'

const maxNameBytes = 64e6
const headerBytes = 4096

/** An array of an .npz archive: its name without .npy, and what its header says. */
export interface Member {
  name: string
  entry: ZipEntry
  header: NpyHeader
}

const readStart = async (zip: ZipArchive, entry: ZipEntry): Promise<Buffer> => {
  let start = Buffer.alloc(0)
  for await (const chunk of zip.read(entry)) {
    start = Buffer.concat([start, chunk])
    if (start.length >= headerBytes) break
  }
  return start
}

/** The arrays of an archive; other entries are left out. Errors: those of .npy headers and of zip. */
export const listMembers = async (zip: ZipArchive): Promise<Member[]> => {
  const members: Member[] = []
  for (const entry of zip.entries) {
    if (!entry.path.endsWith('.npy')) continue
    members.push({ name: entry.path.slice(0, -4), entry, header: readNpyHeader(await readStart(zip, entry), `${zip.file.name}: ${entry.path}`) })
  }
  return members
}

export const isNumeric = ({ header }: Member): boolean => header.kind !== 'U' && header.kind !== 'S'

/** The names along an axis (`of`, for messages), if the archive has them under one of `names`: text or whole numbers, `count` of them. */
export const readNames = async (zip: ZipArchive, members: readonly Member[], names: readonly string[], count: number, of: string): Promise<string[] | null> => {
  const member = names.map((name) => members.find((one) => one.name === name)).find((one) => one !== undefined)
  if (member === undefined) return null
  const where = `${zip.file.name}: ${member.name}`
  if (member.header.shape.length !== 1 || member.header.count !== count || member.entry.bytes > maxNameBytes) {
    throw new VentralError(
      'count-mismatch',
      `${where} has the shape (${member.header.shape.join(', ')}); expected one name for each of the ${count} elements of the ${of}.`,
      [{ pointer: where, expected: `(${count})`, found: `(${member.header.shape.join(', ')})` }],
    )
  }
  const bytes = await buffer(zip.read(member.entry))
  const values = isNumeric(member) ? Array.from(decodeNpy(bytes, where).data, String) : decodeNpyText(bytes, where).values
  return values.map((value) => value.normalize('NFC'))
}
