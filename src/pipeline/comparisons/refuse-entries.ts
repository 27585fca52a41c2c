import { VentralError } from '../../domain/errors.ts'
import type { ProblemDetail } from '../../domain/errors.ts'

/** Fields that each entry of `backbones` may say for itself. */
const ofEntry = /^\/(backbone|weights|seed|layers|pooling)(\/|$)/

const moved = (detail: ProblemDetail, entry: number, said: object): ProblemDetail => {
  const field = ofEntry.exec(detail.pointer)?.[1]
  // A shared field that the entry does not say for itself is the request's own.
  if (field === undefined || (field === 'pooling' && !('pooling' in said))) return detail
  return { ...detail, pointer: `/backbones/${entry}${detail.pointer}` }
}

/** Runs what checks one entry as a fit's request, and points its errors into the entry. */
export const aboutEntry = async <T>(entry: number, check: () => Promise<T> | T, said: object = {}): Promise<T> => {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof VentralError)) throw error
    const errors = error.errors.length > 0 ? error.errors.map((detail) => moved(detail, entry, said)) : [{ pointer: `/backbones/${entry}`, expected: 'a backbone that can be fitted', found: 'one that cannot' }]
    throw new VentralError(error.code, error.message, errors)
  }
}

/** Checks all of a list and only then throws: one error that tells all that is wrong, under the first one's code. */
export const refuseAll = async <Entry, T>(entries: readonly Entry[], check: (entry: Entry, i: number) => Promise<T> | T): Promise<T[]> => {
  const found: T[] = []
  const errors: VentralError[] = []
  for (const [i, entry] of entries.entries()) {
    try {
      found.push(await check(entry, i))
    } catch (error) {
      if (!(error instanceof VentralError)) throw error
      errors.push(error)
    }
  }
  if (errors.length === 0) return found
  const details = new Map(errors.flatMap((error) => error.errors).map((detail) => [JSON.stringify(detail), detail]))
  throw new VentralError(errors[0].code, [...new Set(errors.map(({ message }) => message))].join(' '), [...details.values()])
}
