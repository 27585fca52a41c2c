import fs from 'node:fs/promises'
import { VentralError } from '../domain/errors.ts'

/** Makes the names in a folder durable: a file that was renamed into it survives a power cut only after this. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a file's bytes durable. */
export const syncFile = async (file: string): Promise<void> => {
  const handle = await fs.open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code

/** A full disk or an exhausted quota as the user's error; anything else unchanged. */
export const translateFileError = (error: unknown): unknown => {
  const code = codeOf(error)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new VentralError('disk-full', 'The disk that holds the data folder is full. Free some space and try again.')
}

/** Whether a file operation failed because there is nothing at that path. */
export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'
