import fs from 'node:fs/promises'
import { VentralError } from '../domain/errors.ts'

/** Opens a file that the user named; a sentence instead of a system error where that fails. */
export const openInput = async <T>(file: string, open: (file: string) => Promise<T>): Promise<T> => {
  try {
    if ((await fs.stat(file)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    return await open(file)
  } catch (error) {
    if (error instanceof VentralError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'this user may not read it' : code === 'EISDIR' ? 'it is a folder' : message
    throw new VentralError('not-found', `${file} cannot be read: ${why}.`)
  }
}
