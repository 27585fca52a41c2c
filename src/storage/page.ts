import { VentralError } from '../domain/errors.ts'

export interface PageRequest {
  /** 1 to 1000, 50 unless given */
  limit?: number
  /** `next` of the page before */
  cursor?: string
}

export interface Page<T> {
  items: T[]
  /** cursor of the page that follows; null on the last one */
  next: string | null
}

const encode = (seq: number): string => Buffer.from(`v1:${seq}`).toString('base64url')

const decode = (cursor: string): number => {
  const match = /^v1:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (match === null)
    throw new VentralError('invalid-value', 'The cursor is not one that a list answered. Use "next" of the page before, or leave it out.', [
      { pointer: '/cursor', expected: '"next" of a list', found: cursor.slice(0, 40) },
    ])
  return Number(match[1])
}

/** LIMIT (one more than asked for, to see whether a page follows) and the seq below which the page begins. */
export const pageBounds = ({ limit = 50, cursor }: PageRequest): { limit: number; before: number | null } => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new VentralError('invalid-value', 'limit must be a whole number from 1 to 1000.', [
      { pointer: '/limit', expected: '1 to 1000', found: String(limit) },
    ])
  return { limit, before: cursor === undefined ? null : decode(cursor) }
}

/** The page out of `limit + 1` rows, newest first. */
export const toPage = <Row extends { seq: string }, T>(rows: Row[], limit: number, toItem: (row: Row) => T): Page<T> => {
  const shown = rows.slice(0, limit)
  return { items: shown.map(toItem), next: rows.length > limit ? encode(Number(shown[shown.length - 1].seq)) : null }
}
