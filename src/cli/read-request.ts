import fs from 'node:fs/promises'
import { VentralError } from '../domain/errors.ts'
import { openInput } from './files.ts'

/** The JSON of a request that the user wrote to a file. */
export const readRequest = async (file: string): Promise<object> => {
  const content = await openInput(file, (found) => fs.readFile(found, 'utf8'))
  try {
    return JSON.parse(content) as object
  } catch (error) {
    throw new VentralError('invalid-json', `${file} is not valid JSON: ${(error as Error).message}.`)
  }
}
