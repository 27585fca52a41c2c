import fs from 'node:fs'
import type { Psth, ResponseUnit, TimeBin } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import { throwIfAborted } from '../../domain/progress.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import { planFromColumns } from '../presentation-table.ts'
import { nothingImplied } from '../responses.ts'
import type { OpenResponses } from '../responses.ts'
import { openValueFile } from '../value-file.ts'
import type { ValueFile } from '../value-file.ts'
import { covers, observe } from './observation.ts'
import type { Observation } from './observation.ts'
import { readPresentations } from './presentations.ts'
import type { NwbFields } from './presentations.ts'
import { addCounts, addToPsth, psthBins } from './spikes.ts'
import { findTable, numberColumn } from './table.ts'
import { readUnits } from './units.ts'
import type { NwbUnits } from './units.ts'

export interface NwbRequest extends NwbFields {
  /** [start, end) from onset */
  timeBins: readonly TimeBin[] | null
  unit: ResponseUnit | null
  workFolder: string
  signal?: AbortSignal
}

export const isNwb = (h5: Hdf5File): boolean => h5.attributes.nwb_version !== undefined

const checkRequest = ({ timeBins, unit }: NwbRequest, file: string): readonly TimeBin[] => {
  if (unit !== null && unit !== 'spikes/s' && unit !== 'count')
    throw new VentralError('invalid-value', `unit: spikes of ${file} are binned into spikes/s, or into counts with unit=count; ${unit} is neither.`, [{ pointer: '/unit', expected: 'spikes/s or count', found: unit }])
  if (timeBins !== null) return timeBins
  throw new VentralError('missing-field', `${file} holds spike times: say in which window after the onset they are counted, such as timeBinMs=70,170.`, [{ pointer: '/timeBinMs', expected: 'start,end in ms from onset', found: 'nothing' }])
}

/** NWB's own table of times that are not to be used. */
const readInvalidTimes = async (h5: Hdf5File): Promise<Observation> => {
  const tables = h5.groups.includes('intervals') ? (await h5.list('intervals')).groups : []
  if (!tables.includes('intervals/invalid_times')) return observe([])
  const table = await findTable(h5, 'intervals/invalid_times', h5.file.name)
  const [from, to] = [await numberColumn(h5, table, 'start_time'), await numberColumn(h5, table, 'stop_time')]
  return observe(Array.from(from, (start, i) => [start, to[i]] as const))
}

interface Binning {
  onsets: Float64Array
  windows: readonly { from: number; to: number }[]
  /** where each presentation stands among stimulus x repetition, and how many such places there are */
  places: Int32Array
  cells: number
  perSecond: boolean
}

/** Bins every unit's spikes, a row (stimulus x repetition x window) per unit; NaN where a window was not observed whole. */
const binUnits = async (units: NwbUnits, { onsets, windows, places, cells, perSecond }: Binning, target: ValueFile, signal?: AbortSignal): Promise<Psth> => {
  const histogram = new Float64Array(psthBins.count)
  const [psthFrom, psthTo] = [psthBins.from, psthBins.from + psthBins.width * psthBins.count]
  let observed = 0 // pairs of unit and presentation whose whole stretch around the onset was
  for (let unit = 0; unit < units.count; unit++) {
    throwIfAborted(signal)
    const observation = units.observation(unit)
    const sees = (onset: number, from: number, to: number): boolean => observation === null || covers(observation, onset + from, onset + to)
    const seesAround = Uint8Array.from(onsets, (onset) => Number(sees(onset, psthFrom, psthTo)))
    observed += seesAround.reduce((sum, one) => sum + one, 0)
    const counts = new Float64Array(onsets.length * windows.length) // (presentation x window)
    for await (const spikes of units.spikes(unit)) {
      addCounts(counts, spikes, onsets, windows)
      addToPsth(histogram, spikes, onsets, (i) => seesAround[i] === 1)
    }
    const row = new Float64Array(cells * windows.length).fill(NaN)
    for (let i = 0; i < onsets.length; i++)
      windows.forEach(({ from, to }, w) => {
        if (sees(onsets[i], from, to)) row[places[i] * windows.length + w] = counts[i * windows.length + w] / (perSecond ? to - from : 1)
      })
    await target.append(row)
  }
  return {
    startMs: psthBins.from * 1000,
    binMs: psthBins.width * 1000,
    rates: Array.from(histogram, (count) => (observed === 0 ? null : count / observed / psthBins.width)),
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** A window without more spikes than before the onset points to a wrong column, or to a wrong window. */
const psthWarnings = (file: string, { startMs, binMs, rates }: Psth, timeBins: readonly TimeBin[]): string[] => {
  const within = (test: (fromMs: number) => boolean): number[] => rates.filter((rate, i): rate is number => rate !== null && test(startMs + i * binMs))
  const before = within((from) => from < 0)
  const inside = within((from) => timeBins.some(({ startMs: start, endMs: end }) => from >= start && from < end))
  if (inside.length === 0 || before.length === 0 || mean(inside) > 1.1 * mean(before)) return []
  return [
    `${file}: the mean rate in the window (${mean(inside).toFixed(1)}/s) is hardly above that before the onset (${mean(before).toFixed(1)}/s). See the PSTH in the report: the column of onsets or the window may be wrong.`,
  ]
}

/**
 * Opens an NWB recording: its units' spikes binned into windows from the onset of each presentation, which a TimeIntervals table lists.
 * Windows that obs_intervals or invalid_times do not leave observed whole are NaN. Streams the spikes unit by unit into `workFolder`.
 * Errors: missing-field, invalid-value, damaged-file, count-mismatch, does-not-fit, those of the HDF5 reader. Closing closes the file.
 */
export const openNwb = async (h5: Hdf5File, request: NwbRequest): Promise<OpenResponses> => {
  const file = h5.file.name
  const timeBins = checkRequest(request, file)
  const units = await readUnits(h5, await readInvalidTimes(h5))
  const { onsets, columns, named, warnings } = await readPresentations(h5, request)
  const planned = planFromColumns(file, columns, { width: units.count * timeBins.length, bytes: (await fs.promises.stat(h5.file.path)).size, named })
  const { plan } = planned
  const places = new Int32Array(onsets.length)
  plan.rowOf.forEach((row, place) => {
    if (row >= 0) places[row] = place
  })

  const values = await openValueFile(request.workFolder)
  try {
    const windows = timeBins.map(({ startMs, endMs }) => ({ from: startMs / 1000, to: endMs / 1000 }))
    const psth = await binUnits(units, { onsets, windows, places, cells: plan.rowOf.length, perSecond: request.unit !== 'count' }, values, request.signal)
    return {
      ...nothingImplied,
      reader: 'nwb',
      file,
      axes: ['stimulus', 'site', ...(timeBins.length > 1 ? (['time'] as const) : []), ...(plan.repetitions > 1 ? (['repetition'] as const) : [])],
      array: { file, axes: ['site', 'stimulus', 'repetition', 'time'], shape: [units.count, plan.stimuli, plan.repetitions, timeBins.length], itemBytes: 8, read: values.read },
      stimulusNames: plan.names,
      siteIds: units.ids,
      regions: units.regions,
      siteMetadata: units.metadata,
      stimulusMetadata: planned.stimulusMetadata,
      spareImages: true,
      dtype: 'f8',
      axesAssumed: false,
      impliedUnit: 'spikes/s',
      timeBins: [...timeBins],
      psth,
      warnings: [
        ...warnings,
        ...planned.warnings,
        ...(units.observationsStated ? [] : [`${file}: units has no obs_intervals, so every unit was taken to be observed all the time.`]),
        ...psthWarnings(file, psth, timeBins),
      ],
      close: async () => {
        await values.close()
        await h5.close()
      },
    }
  } catch (error) {
    await values.close()
    throw error
  }
}
