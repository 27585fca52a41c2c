import type { ParseArgsConfig } from 'node:util'
import type { Config } from '../config.ts'

export type FlagValue = string | boolean | string[] | undefined

/** What a verb is run with. */
export interface Call {
  config: Config
  /** server to talk to, when one was named */
  url: string | null
  json: boolean
  flags: Record<string, FlagValue>
  /** what stands without a flag */
  words: string[]
  /** Ctrl-C or SIGTERM */
  signal: AbortSignal
}

export interface Verb {
  /** words and flags, as the help shows them */
  usage: string
  summary: string
  options?: ParseArgsConfig['options']
  run: (call: Call) => Promise<void>
}

/** The command line is wrong: shown with the verb's usage, exit status 2. */
export class UsageError extends Error {}

/** A flag's text, or undefined where it was not given. */
export const text = ({ flags }: Pick<Call, 'flags'>, name: string): string | undefined => flags[name] as string | undefined

/** The text of a flag that must be given. */
export const needed = (call: Pick<Call, 'flags'>, name: string): string => {
  const value = text(call, name)
  if (value === undefined) throw new UsageError(`--${name} is missing.`)
  return value
}

/** A flag's whole number, or undefined where it was not given. */
export const whole = (call: Pick<Call, 'flags'>, name: string): number | undefined => {
  const value = text(call, name)
  if (value === undefined) return undefined
  if (!/^\d{1,10}$/.test(value)) throw new UsageError(`--${name} takes a whole number, not "${value}".`)
  return Number(value)
}

/** The one word that a verb takes. */
export const oneWord = ({ words }: Pick<Call, 'words'>, what: string): string => {
  if (words.length !== 1) throw new UsageError(words.length === 0 ? `${what} is missing.` : `One ${what} at a time, not ${words.length}.`)
  return words[0]
}
