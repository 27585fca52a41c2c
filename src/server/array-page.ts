import { VentralError } from '../domain/errors.ts'
import type { Page, PageRequest } from '../storage/page.ts'

/** A page of a list that is at hand in whole and does not change: the cursor is the next index. */
export const pageOfArray = <T>(items: readonly T[], { limit = 1000, cursor = '0' }: PageRequest): Page<T> => {
  const from = /^\d{1,9}$/.test(cursor) ? Number(cursor) : NaN
  if (!(from <= items.length))
    throw new VentralError('invalid-value', 'The cursor is not one that this list answered.', [{ pointer: '/cursor', expected: '"next" of the page before', found: cursor }])
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null }
}
