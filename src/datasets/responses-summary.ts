import { VentralError } from '../domain/errors.ts'
import type { ImportReport, ResponseUnit } from '../domain/dataset.ts'
import { some } from './source-file.ts'

/** Sides of the canonical responses: stimulus x site x time bin x repetition. */
export interface ResponseShape {
  stimuli: number
  sites: number
  timeBins: number
  repetitions: number
}

/** What one pass over the responses tells. Indices, since the sites have their names elsewhere. */
export interface ResponseSummary {
  repetitions: { min: number; max: number }
  missing: ImportReport['missing']
  /** sites whose mean response is the same for every stimulus */
  constantSites: number[]
  /** the least value */
  least: number
}

export interface SummaryBuilder {
  /** Takes the rows [firstStimulus, ...) of the canonical array in order. Refuses infinite and, in count and spikes/s, negative values. */
  add(firstStimulus: number, block: Float64Array): void
  finish(): ResponseSummary
}

const place = (shape: ResponseShape, stimulus: number, index: number): string => {
  const { timeBins, repetitions } = shape
  const site = Math.floor(index / (timeBins * repetitions))
  const timeBin = Math.floor(index / repetitions) % timeBins
  return [
    `stimulus ${stimulus}`,
    `site ${site}`,
    ...(timeBins > 1 ? [`time bin ${timeBin}`] : []),
    ...(repetitions > 1 ? [`repetition ${index % repetitions}`] : []),
  ].join(', ')
}

const refuseInfinite = (file: string, where: string, value: number): VentralError =>
  new VentralError('non-finite-rates', `${file} holds ${value} at ${where} (counted from 0). Responses must be finite; NaN stands for a missing repetition.`, [
    { pointer: `${file}: ${where}`, expected: 'a finite number or NaN', found: String(value) },
  ])

const refuseNegative = (file: string, where: string, value: number, unit: ResponseUnit): VentralError =>
  new VentralError(
    'negative-rates',
    `${file} holds ${value} at ${where} (counted from 0), which is impossible for the unit ${unit}. ` +
      'State the unit as zscore, baselineSubtracted or other, or correct the data.',
    [{ pointer: `${file}: ${where}`, expected: `values of 0 or more (unit ${unit})`, found: String(value) }],
  )

/** A constant mean differs by rounding when stimuli have different numbers of repetitions. */
const roundingTolerance = 1e-12

/** Collects the summary of the responses block by block. `unit` null: negative values are counted, not refused. */
export const summariseResponses = (file: string, shape: ResponseShape, unit: ResponseUnit | null): SummaryBuilder => {
  const { sites, timeBins, repetitions } = shape
  const cells = sites * timeBins
  const lowest = new Float64Array(cells).fill(Infinity) // (site x time bin): extremes of the mean response over stimuli
  const highest = new Float64Array(cells).fill(-Infinity)
  const emptyStimuli: number[] = []
  const refusesNegative = unit === 'count' || unit === 'spikes/s'
  const counts = { min: Infinity, max: 0, missingCells: 0, missingRepetitions: 0, least: Infinity }

  const addStimulus = (stimulus: number, row: Float64Array): void => {
    let validCells = 0
    for (let cell = 0; cell < cells; cell++) {
      let valid = 0
      let sum = 0
      for (let i = cell * repetitions; i < (cell + 1) * repetitions; i++) {
        const value = row[i]
        if (Number.isNaN(value)) continue
        if (!Number.isFinite(value)) throw refuseInfinite(file, place(shape, stimulus, i), value)
        if (value < 0 && refusesNegative) throw refuseNegative(file, place(shape, stimulus, i), value, unit)
        if (value < counts.least) counts.least = value
        sum += value
        valid++
      }
      if (valid === 0) {
        counts.missingCells++
        continue
      }
      validCells++
      counts.missingRepetitions += repetitions - valid
      counts.min = Math.min(counts.min, valid)
      counts.max = Math.max(counts.max, valid)
      const mean = sum / valid
      lowest[cell] = Math.min(lowest[cell], mean)
      highest[cell] = Math.max(highest[cell], mean)
    }
    if (validCells === 0) emptyStimuli.push(stimulus)
  }

  const rowLength = cells * repetitions
  return {
    add: (firstStimulus, block) => {
      for (let i = 0; i * rowLength < block.length; i++) addStimulus(firstStimulus + i, block.subarray(i * rowLength, (i + 1) * rowLength))
    },
    finish: () => {
      const perSite = (test: (cell: number) => boolean): number[] =>
        Array.from({ length: sites }, (_, site) => site).filter((site) => Array.from({ length: timeBins }, (_, bin) => site * timeBins + bin).every(test))
      const emptySites = perSite((cell) => highest[cell] === -Infinity)
      refuseEmpty(file, 'stimuli', emptyStimuli, shape.stimuli)
      refuseEmpty(file, 'sites', emptySites, sites)
      return {
        repetitions: { min: counts.min, max: counts.max },
        missing: { cells: counts.missingCells, repetitions: counts.missingRepetitions, total: shape.stimuli * rowLength },
        constantSites: perSite((cell) => highest[cell] - lowest[cell] <= roundingTolerance * Math.max(Math.abs(highest[cell]), Math.abs(lowest[cell]))),
        least: counts.least,
      }
    },
  }
}

/** A row or column of nothing but NaN is no missing repetition but a mistake in the file (or in the stated axes). */
const refuseEmpty = (file: string, what: 'stimuli' | 'sites', indices: readonly number[], total: number): void => {
  if (indices.length === 0) return
  throw new VentralError(
    'non-finite-rates',
    `${file}: ${indices.length} of ${total} ${what} have no response at all, only NaN: numbers ${some(indices.map(String))} (counted from 0). ` +
      'Leave them out, or check the axes.',
    [{ pointer: `${file}: ${what}`, expected: 'at least one valid response each', found: `${indices.length} without any` }],
  )
}
