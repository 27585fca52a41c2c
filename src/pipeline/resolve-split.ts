import type { DatasetManifest } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { FitRequest, Shuffled, SplitRequest } from '../domain/fit.ts'
import { invalid, refuseOthers } from './refusals.ts'

type Options = Omit<NonNullable<FitRequest['split']>, 'scheme'>

const shuffledOptions = ['splits', 'seed', 'trainSize', 'testSize'] as const

/** What each scheme gives a meaning. */
const splitOptions: Record<SplitRequest['scheme'], readonly (keyof Options)[]> = {
  kfold: ['folds', 'shuffle', 'seed'],
  stratifiedkfold: ['folds', 'shuffle', 'seed', 'by'],
  shufflesplit: shuffledOptions,
  stratifiedshufflesplit: [...shuffledOptions, 'by'],
  groupkfold: ['folds', 'by'],
  groupshufflesplit: [...shuffledOptions, 'by'],
  leaveonegroupout: ['by'],
  given: ['by'],
}

/** Divisions of one request, each of which is a fit of every layer. */
const MAX_SPLITS = 1000

/**
 * The split of a request with its defaults: 10 folds, shuffled; 10 random divisions (5 of groups, as in scikit-learn) of which a tenth
 * (of groups a fifth) is the test part; seed 1. An option that the scheme gives no meaning is refused.
 */
export const resolveSplit = (manifest: DatasetManifest, { scheme, ...options }: NonNullable<FitRequest['split']> = { scheme: 'kfold' }): SplitRequest => {
  if (!isScheme(scheme)) throw invalid('/split/scheme', Object.keys(splitOptions).map((name) => `"${name}"`).join(', '), scheme)
  refuseOthers('/split', options, splitOptions[scheme], scheme)
  const whole = (): string => checkColumn(manifest, '/split/by', options.by)
  const folds = (): number => wholeUpTo(Infinity, 2, '/split/folds', options.folds ?? 10)
  const shuffling = { shuffle: options.shuffle ?? true, seed: options.seed ?? 1 }
  switch (scheme) {
    case 'kfold':
      return { scheme, folds: enough(manifest.stimuli.length, folds()), ...shuffling }
    case 'stratifiedkfold':
      return { scheme, folds: folds(), ...shuffling, by: whole() }
    case 'shufflesplit':
      return { scheme, ...resolveShuffled(options, 10) }
    case 'stratifiedshufflesplit':
      return { scheme, ...resolveShuffled(options, 10), by: whole() }
    case 'groupkfold':
      return { scheme, folds: folds(), by: whole() }
    case 'groupshufflesplit':
      return { scheme, ...resolveShuffled(options, 5), by: whole() }
    case 'leaveonegroupout':
      return { scheme, by: whole() }
    case 'given':
      return { scheme, by: existingColumn(manifest, '/split/by', options.by) }
  }
}

const isScheme = (scheme: string): scheme is SplitRequest['scheme'] => Object.hasOwn(splitOptions, scheme)

const resolveShuffled = ({ splits, seed, trainSize, testSize }: Options, defaultSplits: number): Shuffled => ({
  splits: wholeUpTo(MAX_SPLITS, 1, '/split/splits', splits ?? defaultSplits),
  seed: seed ?? 1,
  ...(trainSize === undefined ? {} : { trainSize: share('/split/trainSize', trainSize) }),
  ...(testSize === undefined ? {} : { testSize: share('/split/testSize', testSize) }),
})

const wholeUpTo = (most: number, least: number, pointer: string, value: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw invalid(pointer, most === Infinity ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`, value)
}

const share = (pointer: string, value: number): number => {
  if (!(value > 0 && value < 1)) throw invalid(pointer, 'a share over 0 and under 1', value)
  return value
}

const enough = (n: number, folds: number): number => {
  if (n >= folds) return folds
  throw new VentralError('too-few-stimuli', `${folds} folds need at least ${folds} stimuli; the dataset has ${n}. Ask for fewer folds.`, [
    { pointer: '/split/folds', expected: `at most ${n}`, found: String(folds) },
  ])
}

/** A metadata column that is there, whether or not all stimuli have a value in it. */
const existingColumn = (manifest: DatasetManifest, pointer: string, column: string | undefined): string => {
  const columns = [...new Set(manifest.stimuli.flatMap(({ metadata }) => Object.keys(metadata)))]
  if (column !== undefined && columns.includes(column)) return column
  throw invalid(pointer, `a metadata column (here: ${columns.length > 0 ? columns.join(', ') : 'none'})`, column)
}

/** A metadata column with a value for every stimulus: what stimuli are grouped or stratified by. */
export const checkColumn = (manifest: DatasetManifest, pointer: string, asked: string | undefined): string => {
  const column = existingColumn(manifest, pointer, asked)
  const without = manifest.stimuli.filter(({ metadata }) => (metadata[column] ?? '') === '')
  if (without.length === 0) return column
  const names = without.slice(0, 3).map(({ stimulusId }) => stimulusId).join(', ')
  throw invalid(
    pointer,
    'a metadata column with a value for every stimulus',
    `${column}, without a value for ${without.length} of them`,
    `The column "${column}" has no value for ${without.length} stimuli (${names}${without.length > 3 ? ', …' : ''}), so they belong to no group of it.`,
  )
}
