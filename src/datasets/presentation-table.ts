import { VentralError } from '../domain/errors.ts'
import { filenameColumns, stimulusIdColumns } from './metadata.ts'
import { planPresentations } from './presentations.ts'
import type { PresentationPlan } from './presentations.ts'

/** What a recording says of its presentations, a column of texts for each fact. */
export type PresentationColumns = ReadonlyMap<string, readonly string[]>

export interface PlannedPresentations {
  plan: PresentationPlan
  /** what is the same in all presentations of each stimulus */
  stimulusMetadata: { columns: string[]; rows: Record<string, string>[] }
  warnings: string[]
}

const repetitionColumn = 'repetition'

/**
 * The repetition of each presentation: as stated, where that tells the presentations of every stimulus apart; else their order.
 * Real files number them by block or session, and so the same number comes twice.
 */
const repetitionsOf = (names: readonly string[], stated: readonly string[] | undefined): { repetitions: string[]; repeated: boolean } => {
  const seen = new Set<string>()
  const repeated = stated !== undefined && names.some((name, i) => seen.size === seen.add(`${name}\n${stated[i]}`).size)
  const usable = stated !== undefined && !repeated && stated.every((text) => /^-?\d{1,15}$/.test(text))
  if (usable) return { repetitions: [...stated], repeated }
  const counts = new Map<string, number>()
  const repetitions = names.map((name) => {
    counts.set(name, (counts.get(name) ?? -1) + 1)
    return String(counts.get(name))
  })
  return { repetitions, repeated }
}

/**
 * Groups presentations by their stimulus. `named` is the column of the stimuli's names (by default stimulus_id, image_id or a file name);
 * `width` values belong to each presentation. Errors: missing-field, does-not-fit.
 */
export const planFromColumns = (file: string, columns: PresentationColumns, { width, bytes, named }: { width: number; bytes: number; named?: string }): PlannedPresentations => {
  const filename = filenameColumns.find((name) => columns.has(name))
  const id = named ?? stimulusIdColumns.find((name) => columns.has(name)) ?? null
  const key = id ?? filename
  if (key == null)
    throw new VentralError('missing-field', `${file} does not say which stimulus each presentation showed: it has ${[...columns.keys()].join(', ') || 'nothing'} of them, and no stimulus_id.`, [
      { pointer: `${file}: stimulus_id`, expected: 'the stimulus of each presentation', found: [...columns.keys()].join(', ').slice(0, 200) || 'nothing' },
    ])
  const names = columns.get(key)!
  const nameless = names.indexOf('')
  if (nameless >= 0)
    throw new VentralError('missing-field', `${file}: ${key} of presentation ${nameless} (counted from 0) is empty. Fill it in, or leave the presentation out.`, [
      { pointer: `${file}: ${key}`, expected: 'a name', found: 'an empty text' },
    ])
  const { repetitions, repeated } = repetitionsOf(names, columns.get(repetitionColumn))
  const keys = { lines: names.map((_, i) => i), ids: id === null ? [] : [...names], filenames: filename === undefined ? [] : [...columns.get(filename)!], repetitions }
  const header = { names: [key], id: id === null ? -1 : 0, filename: id === null ? 0 : -1, sites: { length: width } }
  const plan = planPresentations(file, header, keys, bytes)
  return {
    plan,
    stimulusMetadata: constantColumns(columns, plan, [key, ...(filename === undefined ? [] : [filename]), repetitionColumn]),
    warnings: repeated ? [`${file}: repetition gives the same number to several presentations of one stimulus; they were counted in the file's order.`] : [],
  }
}

/** Columns with one value per stimulus, whichever the repetition; the others (time, session, ...) describe presentations and are left out. */
const constantColumns = (columns: PresentationColumns, { stimuli, repetitions, rowOf }: PresentationPlan, without: readonly string[]): PlannedPresentations['stimulusMetadata'] => {
  const isConstant = (values: readonly string[]): boolean =>
    rowOf.every((row, i) => row < 0 || values[row] === values[rowOf[i - (i % repetitions)]])
  const kept = [...columns].filter(([name, values]) => !without.includes(name) && isConstant(values))
  return {
    columns: kept.map(([name]) => name),
    rows: Array.from({ length: stimuli }, (_, i) => Object.fromEntries(kept.map(([name, values]) => [name, values[rowOf[i * repetitions]]]))),
  }
}
