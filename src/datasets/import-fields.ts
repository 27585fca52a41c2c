import { VentralError } from '../domain/errors.ts'
import { axisNames, responseUnits } from '../domain/dataset.ts'
import type { Axis, NormaliseOption, ResponseUnit, TimeBin } from '../domain/dataset.ts'
import type { StimulusOrder } from './pairing.ts'
import { quoted } from './source-file.ts'

/** The text fields of an import. Null: not given. */
export interface ImportFields {
  name: string | null
  axes: Axis[] | null
  region: string | null
  unit: ResponseUnit | null
  /** one window per time bin, [start, end) in ms */
  timeBins: TimeBin[] | null
  visualDegrees: number | null
  backgroundRgb: [number, number, number] | null
  order: StimulusOrder | null
  normalise: NormaliseOption['method'] | null
  /** metadata column of the stimuli's sessions */
  sessionColumn: string | null
  /** the responses were computed, not recorded: shown wherever a score of them is */
  simulated: boolean | null
  /** what made simulated data, with its revision */
  generator: string | null
  /** which array of a container holds the responses */
  variable: string | null
  /** NWB: the table of presentations, and its columns of onsets and of the stimuli's names */
  intervals: string | null
  onsetColumn: string | null
  stimulusColumn: string | null
}

const fieldNames = ['name', 'axes', 'region', 'unit', 'timeBinMs', 'visualDegrees', 'backgroundRgb', 'order', 'normalise', 'sessionColumn', 'simulated', 'generator', 'variable', 'intervals', 'onsetColumn', 'stimulusColumn'] as const
type FieldName = (typeof fieldNames)[number]

const invalid = (field: FieldName, text: string, expected: string): VentralError =>
  new VentralError('invalid-value', `${field}: ${quoted(text)} is not allowed; expected ${expected}.`, [
    { pointer: `/${field}`, expected, found: quoted(text) },
  ])

const numbersOf = (text: string): number[] => text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))

const parseAxes = (text: string): Axis[] => {
  const words = text.split(',').map((word) => word.trim())
  const expected = `each at most once out of ${axisNames.join(', ')}, with stimulus and site`
  const refuse = (found: string): VentralError =>
    new VentralError('unknown-axes', `axes: ${quoted(text)} ${found}. State the array's axes from the first to the last, ${expected}.`, [
      { pointer: '/axes', expected, found: quoted(text) },
    ])
  const unknown = words.find((word) => !axisNames.includes(word as Axis))
  if (unknown !== undefined) throw refuse(`has the unknown axis ${quoted(unknown)}`)
  if (new Set(words).size < words.length) throw refuse('names an axis twice')
  if (!words.includes('stimulus') || !words.includes('site')) throw refuse('lacks stimulus or site')
  return words as Axis[]
}

/** "70,170", or one window per time bin with semicolons between them: "70,90;90,110". */
const parseTimeBins = (text: string): TimeBin[] =>
  text.split(';').map((window) => {
    const [startMs, endMs, ...rest] = numbersOf(window)
    const isWindow = Number.isFinite(startMs) && Number.isFinite(endMs) && rest.length === 0 && startMs < endMs
    if (!isWindow)
      throw invalid('timeBinMs', text, 'start,end in ms from stimulus onset with start before end ("70,170"), one such window per time bin, with ";" between')
    return { startMs, endMs }
  })

const parseColour = (text: string): [number, number, number] => {
  const values = numbersOf(text)
  if (values.length !== 3 || !values.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) {
    throw invalid('backgroundRgb', text, 'three whole numbers from 0 to 255, as in "127,127,127"')
  }
  return values as [number, number, number]
}

const parseDegrees = (text: string): number => {
  const value = numbersOf(text)[0]
  if (!(value > 0 && value <= 360) || text.includes(',')) throw invalid('visualDegrees', text, "the images' width in degrees of visual angle, over 0")
  return value
}

const parseText = (field: 'name' | 'region' | 'generator' | 'sessionColumn' | 'variable' | 'intervals' | 'onsetColumn' | 'stimulusColumn', text: string): string => {
  if (text.trim() === '' || text.length > 200) throw invalid(field, text, 'text of 1 to 200 characters')
  return text.trim().normalize('NFC')
}

/** Parses the text fields of POST /datasets. Errors: unknown-field, unknown-axes, invalid-value; each names its field. */
export const parseImportFields = (fields: Readonly<Record<string, string>>): ImportFields => {
  const unknown = Object.keys(fields).find((key) => !fieldNames.includes(key as FieldName))
  if (unknown !== undefined) {
    throw new VentralError('unknown-field', `The field ${quoted(unknown)} is not known. Known are ${fieldNames.join(', ')}.`, [
      { pointer: `/${unknown}`, expected: fieldNames.join(', '), found: quoted(unknown) },
    ])
  }
  const parsed = <T>(field: FieldName, parse: (text: string) => T): T | null => (Object.hasOwn(fields, field) ? parse(fields[field]) : null)
  const oneOf = <T extends string>(field: FieldName, words: readonly T[]): T | null =>
    parsed(field, (text) => {
      const word = words.find((known) => known === text.trim())
      if (word === undefined) throw invalid(field, text, `one of ${words.join(', ')}`)
      return word
    })
  const simulated = oneOf('simulated', ['true', 'false'])
  return {
    name: parsed('name', (text) => parseText('name', text)),
    axes: parsed('axes', parseAxes),
    region: parsed('region', (text) => parseText('region', text)),
    unit: oneOf('unit', responseUnits),
    timeBins: parsed('timeBinMs', parseTimeBins),
    visualDegrees: parsed('visualDegrees', parseDegrees),
    backgroundRgb: parsed('backgroundRgb', parseColour),
    order: oneOf('order', ['natural', 'codepoint']),
    normalise: oneOf('normalise', ['zscore', 'baseline']),
    sessionColumn: parsed('sessionColumn', (text) => parseText('sessionColumn', text)),
    simulated: simulated === null ? null : simulated === 'true',
    generator: parsed('generator', (text) => parseText('generator', text)),
    variable: parsed('variable', (text) => parseText('variable', text)),
    intervals: parsed('intervals', (text) => parseText('intervals', text)),
    onsetColumn: parsed('onsetColumn', (text) => parseText('onsetColumn', text)),
    stimulusColumn: parsed('stimulusColumn', (text) => parseText('stimulusColumn', text)),
  }
}
