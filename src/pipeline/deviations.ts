import { canonicalJson } from '../domain/canonical-json.ts'
import type { Deviation } from '../domain/registration.ts'

/** The dataset's sha256 tells whether the data are the registered ones; its id is only a name of them. */
const NAMES = ['/request/dataset']

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

/**
 * What differs between two JSON values, field by field in the order of their names; lists are compared as a whole. A field that one
 * side lacks is null there.
 */
export const differences = (registered: unknown, used: unknown, pointer = ''): Deviation[] => {
  if (isRecord(registered) && isRecord(used)) {
    const keys = [...new Set([...Object.keys(registered), ...Object.keys(used)])].sort()
    return keys.flatMap((key) => differences(registered[key], used[key], `${pointer}/${escaped(key)}`))
  }
  const [before, now] = [registered ?? null, used ?? null]
  return canonicalJson(before) === canonicalJson(now) ? [] : [{ pointer, registered: before, used: now }]
}

/** How a fit deviates from its registration: that it is not the first one under it, and every condition that is another one. */
export const deviationsFrom = (canonical: string, used: object, run: number): Deviation[] => [
  ...(run === 1 ? [] : [{ pointer: '/run', registered: 1, used: run }]),
  ...differences(JSON.parse(canonical), used).filter(({ pointer }) => !NAMES.includes(pointer)),
]
