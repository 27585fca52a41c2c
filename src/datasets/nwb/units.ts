import { VentralError } from '../../domain/errors.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import { readNumberColumn, readTextColumn } from '../hdf5/columns.ts'
import type { ListedObject } from '../hdf5/protocol.ts'
import { observe, without } from './observation.ts'
import type { Observation } from './observation.ts'
import { findTable, plainColumns, rowEnds } from './table.ts'
import type { NwbTable } from './table.ts'

export interface NwbUnits {
  count: number
  ids: string[]
  regions: string[] | null
  metadata: Record<string, string>[]
  /** whether the file says when each unit was observed */
  observationsStated: boolean
  /** null: always */
  observation(unit: number): Observation | null
  /** The unit's spike times in seconds, ascending within each piece. */
  spikes(unit: number): AsyncGenerator<Float64Array>
}

const regionColumns = ['region', 'brain_area', 'brain_region', 'location', 'area']
const spikesAtOnce = 4_000_000
const maxIntervals = 5_000_000

const isAscending = (times: Float64Array): boolean => times.every((time, i) => i === 0 || times[i - 1] <= time)

async function* spikePieces(h5: Hdf5File, object: ListedObject, from: number, to: number): AsyncGenerator<Float64Array> {
  for (let at = from; at < to; at += spikesAtOnce) {
    const times = await readNumberColumn(h5, object, at, Math.min(to, at + spikesAtOnce))
    yield isAscending(times) ? times : times.sort()
  }
}

/** Rows of a dataset n x 2, each from and to. */
const readIntervals = async (h5: Hdf5File, { name, shape }: ListedObject): Promise<[number, number][]> => {
  const file = h5.file.name
  if (shape.length !== 2 || shape[1] !== 2 || shape[0] > maxIntervals)
    throw new VentralError('damaged-file', `${file}: ${name} is (${shape.join(', ')}); expected (intervals, 2).`, [{ pointer: `${file}: ${name}`, expected: `(at most ${maxIntervals}, 2)`, found: `(${shape.join(', ')})` }])
  const values = shape[0] === 0 ? [] : await h5.numbers(name, 0, shape[0])
  return Array.from({ length: shape[0] }, (_, i) => [Number(values[2 * i]), Number(values[2 * i + 1])])
}

const observationsOf = async (h5: Hdf5File, table: NwbTable, count: number): Promise<Observation[] | null> => {
  const object = table.columns.get('obs_intervals')
  if (object === undefined) return null
  const intervals = await readIntervals(h5, object)
  const ends = await rowEnds(h5, table, 'obs_intervals')
  if (ends.length !== count)
    throw new VentralError('count-mismatch', `${h5.file.name}: units/obs_intervals is of ${ends.length} units and there are ${count}.`, [{ pointer: `${h5.file.name}: units/obs_intervals_index`, expected: String(count), found: String(ends.length) }])
  return Array.from(ends, (end, i) => observe(intervals.slice(i === 0 ? 0 : ends[i - 1], end)))
}

/** The table of units; `invalid` are times in which nothing was observed. Errors: missing-field, damaged-file, count-mismatch. */
export const readUnits = async (h5: Hdf5File, invalid: Observation): Promise<NwbUnits> => {
  const table = await findTable(h5, 'units', h5.file.name)
  const times = table.columns.get('spike_times')
  if (times?.shape.length !== 1)
    throw new VentralError('missing-field', `${h5.file.name}: units has no spike_times. Only recordings with sorted spikes can be binned into rates.`, [{ pointer: `${h5.file.name}: units/spike_times`, expected: 'a list of times', found: 'nothing' }])
  const ends = await rowEnds(h5, table, 'spike_times')
  const count = ends.length
  const texts = new Map<string, string[]>()
  for (const [name, object] of plainColumns(table, count)) {
    const values = await readTextColumn(h5, object)
    if (values !== null) texts.set(name, values)
  }
  const region = regionColumns.find((name) => table.columns.get(name)?.type === 'string' && texts.has(name))
  const others = [...texts].filter(([name]) => name !== 'id' && name !== region)
  const stated = await observationsOf(h5, table, count)
  const all = observe([[-Infinity, Infinity]])
  return {
    count,
    ids: texts.get('id') ?? Array.from({ length: count }, (_, i) => String(i)),
    regions: region === undefined ? null : texts.get(region)!,
    metadata: Array.from({ length: count }, (_, i) => Object.fromEntries(others.map(([name, values]) => [name, values[i]]))),
    observationsStated: stated !== null,
    observation: (unit) => (stated === null && invalid.from.length === 0 ? null : without(stated?.[unit] ?? all, invalid)),
    spikes: (unit) => spikePieces(h5, times, unit === 0 ? 0 : ends[unit - 1], ends[unit]),
  }
}
