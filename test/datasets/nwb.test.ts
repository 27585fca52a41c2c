import fs from 'node:fs'
import path from 'node:path'
import h5wasm from 'h5wasm/node'
import type { Group } from 'h5wasm/node'
import t from 'tap'
import type { Test } from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { covers, observe, without } from '../../src/datasets/nwb/observation.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import type { SourceFile } from '../../src/datasets/source-file.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { uniforms } from '../helper/generator.ts'
import { refuses, workFolder } from './fixtures.ts'

await h5wasm.ready

type Column = Float64Array | Int32Array | string[]
interface Recording {
  spikes: number[][]
  units?: Record<string, Column>
  observed?: [number, number][][]
  tables: Record<string, Record<string, Column>>
}

const writeColumns = (group: Group, columns: Record<string, Column>): void => {
  for (const [name, data] of Object.entries(columns)) group.create_dataset({ name, data })
}

/** A ragged column: all values, and where those of each row end. */
const endsOf = (rows: readonly { length: number }[]): Int32Array => {
  let end = 0
  return Int32Array.from(rows, ({ length }) => (end += length))
}

/** Writes a small NWB file: units with sorted spikes, tables of intervals. */
const writeNwb = (folder: string, { spikes, units = {}, observed, tables }: Recording): SourceFile => {
  const file = path.join(folder, 'session.nwb')
  const h5 = new h5wasm.File(file, 'w')
  h5.create_attribute('nwb_version', '2.7.0')
  const group = h5.create_group('units')
  writeColumns(group, { id: Int32Array.from(spikes, (_, i) => 10 + i), spike_times: Float64Array.from(spikes.flat()), spike_times_index: endsOf(spikes), ...units })
  if (observed !== undefined) {
    group.create_dataset({ name: 'obs_intervals', data: Float64Array.from(observed.flat(2)), shape: [observed.flat().length, 2] })
    group.create_dataset({ name: 'obs_intervals_index', data: endsOf(observed) })
  }
  const intervals = h5.create_group('intervals')
  for (const [name, columns] of Object.entries(tables)) writeColumns(intervals.create_group(name), columns)
  h5.close()
  return sourceFile(file)
}

const read = async (t: Test, recording: Recording, fields: Record<string, string>) => {
  const dataset = await readDataset({ file: writeNwb(workFolder(t), recording), fields: parseImportFields(fields) }, fs.mkdtempSync(path.join(workFolder(t), 'work-')))
  const { shape, data } = await readNpyFile(dataset.responsesPath)
  return { ...dataset, shape, data: [...data], warnings: dataset.manifest.warnings.join('\n') }
}

/** Two units; images a, b, a at 1, 2 and 3 s. */
const small = (): Recording => ({
  spikes: [
    [1.07, 1.0999, 1.17, 2.1, 3.0699, 3.12, 3.1699],
    [0.95, 1.08, 2.05, 2.15, 2.16],
  ],
  units: { location: ['V4', 'IT'], quality: ['good', 'fair'] },
  tables: { trials: { id: Int32Array.of(0, 1, 2), start_time: Float64Array.of(1, 2, 3), stop_time: Float64Array.of(1.5, 2.5, 3.5), stimulus_id: ['a', 'b', 'a'], category: ['x', 'y', 'x'], correct: Int32Array.of(1, 1, 0) } },
})

t.test('spikes in [start, end) from the onset of each presentation, repetitions grouped, units and stimuli with what the file says of them', async (t) => {
  const { shape, data, stimuli, sites, manifest, report, warnings } = await read(t, small(), { timeBinMs: '70,170', unit: 'count' })
  t.same(shape, [2, 2, 1, 2])
  // unit 10: 1.07 and 1.0999 count, 1.17 is the end; 3.0699 lies before, 3.12 and 3.1699 count
  t.same(data, [2, 2, 1, 0, 1, NaN, 2, NaN])
  t.same(stimuli.map(({ stimulusId, metadata }) => [stimulusId, metadata]), [['a', { category: 'x' }], ['b', { category: 'y' }]], '`correct` differs between the presentations of a')
  t.same(sites, [{ siteId: '10', region: 'V4', metadata: { quality: 'good' } }, { siteId: '11', region: 'IT', metadata: { quality: 'fair' } }])
  t.same([manifest.unit, manifest.timeBins, manifest.axes, manifest.source.reader], ['count', [{ startMs: 70, endMs: 170 }], ['stimulus', 'site', 'repetition'], 'nwb'])
  t.match(warnings, /no obs_intervals/)
  t.same([report.psth!.startMs, report.psth!.binMs, report.psth!.rates.length], [-100, 10, 60])
})

t.test('rates in several windows', async (t) => {
  const { shape, data, manifest } = await read(t, small(), { timeBinMs: '0,100;100,200' })
  t.same(shape, [2, 2, 2, 2])
  t.equal(manifest.unit, 'spikes/s')
  t.same(data.map((rate) => Math.round(rate * 1e9) / 1e9), [20, 10, 10, 20, 10, 0, 0, 0, 0, NaN, 10, NaN, 10, NaN, 20, NaN])
})

t.test('any table of intervals, with the columns that the user names; rows without onset or stimulus are left out', async (t) => {
  const recording = small()
  recording.tables = { shown: { start_time: Float64Array.of(0, 0, 0, 0), stop_time: Float64Array.of(1, 1, 1, 1), on: Float64Array.of(1, 2, NaN, 3), image: Int32Array.of(7, 8, 8, 7) }, epochs: { start_time: Float64Array.of(0), stop_time: Float64Array.of(9) } }
  const stated = { timeBinMs: '70,170', unit: 'count', onsetColumn: 'on', stimulusColumn: 'image' }
  const { stimuli, data, warnings } = await read(t, recording, stated)
  t.same([stimuli.map(({ stimulusId }) => stimulusId), data], [['7', '8'], [2, 2, 1, 0, 1, NaN, 2, NaN]])
  t.match(warnings, /1 of 4 rows of intervals\/shown/)
  t.same((await read(t, recording, { ...stated, intervals: 'intervals/shown' })).data, data)
  await refuses(t, () => read(t, recording, { ...stated, intervals: 'trials' }), 'missing-field', '/intervals', 'shown')
  await refuses(t, () => read(t, recording, { ...stated, onsetColumn: 'off' }), 'missing-field', '/onsetColumn', 'image')
  await refuses(t, () => read(t, recording, { timeBinMs: '70,170', onsetColumn: 'on' }), 'missing-field', '/stimulusColumn', 'image')
})

t.test('a gap in observation is missing, not zero; invalid times are gaps of all units', async (t) => {
  const recording = small()
  // unit 10 misses [2.1, 2.15); unit 11 was observed to 3.17 in two stretches that touch
  recording.observed = [[[0, 2.1], [2.15, 10]], [[0, 2.5], [2.5, 3.17]]] // prettier-ignore
  t.same((await read(t, recording, { timeBinMs: '70,170', unit: 'count' })).data, [2, 2, 1, 0, NaN, NaN, 2, NaN])
  recording.tables.invalid_times = { start_time: Float64Array.of(3.16), stop_time: Float64Array.of(3.2) }
  t.same((await read(t, recording, { timeBinMs: '70,170', unit: 'count' })).data.slice(0, 4), [2, NaN, 1, NaN])
})

t.test('observations: merged, cut, and asked for whole windows', async (t) => {
  const observation = observe([[5, 6], [0, 1], [1, 2], [1.5, 3], [9, 9]]) // prettier-ignore
  t.same([[...observation.from], [...observation.to]], [[0, 5], [3, 6]])
  t.same([covers(observation, 0, 3), covers(observation, 2.5, 3.1), covers(observation, -1, 1), covers(observation, 3, 4), covers(observation, 5.5, 6)], [true, false, false, false, true])
  const cut = without(observation, observe([[-1, 0.5], [1, 2], [2.9, 5.5]])) // prettier-ignore
  t.same([[...cut.from], [...cut.to]], [[0.5, 2, 5.5], [1, 2.9, 6]])
})

t.test('the PSTH shows a response, and a wrong column of onsets is told', async (t) => {
  // 200 presentations, 4/s before and 40/s from 50 to 200 ms after onset; `cue` precedes the onset by a random 0.5 to 1.5 s
  const onsets = Array.from({ length: 200 }, (_, i) => 3 + 3 * i)
  const delays = uniforms('cue', 200)
  const noise = uniforms('noise', 2400)
  const evoked = uniforms('evoked', 1200)
  const spikes = [...Array.from(noise, (u) => u * 600), ...onsets.flatMap((on, i) => Array.from({ length: 6 }, (_, k) => on + 0.05 + 0.15 * evoked[6 * i + k]))].sort((a, b) => a - b)
  const recording: Recording = {
    spikes: [spikes],
    tables: { trials: { start_time: Float64Array.from(onsets, (on, i) => on - 0.5 - delays[i]), stop_time: Float64Array.from(onsets, (on) => on + 1), on: Float64Array.from(onsets), stimulus_id: onsets.map((_, i) => `s${i % 40}`) } },
  }
  const { report, warnings } = await read(t, recording, { timeBinMs: '50,200', onsetColumn: 'on' })
  const rates = report.psth!.rates as number[]
  const mean = (from: number, to: number): number => rates.slice((from + 100) / 10, (to + 100) / 10).reduce((a, b) => a + b) / ((to - from) / 10)
  t.ok(Math.abs(mean(50, 200) - 44) < 2 && Math.abs(mean(-100, 50) - 4) < 1.5, `${mean(50, 200)} and ${mean(-100, 50)} spikes/s`)
  t.notMatch(warnings, /PSTH/)
  t.match((await read(t, recording, { timeBinMs: '50,200' })).warnings, /hardly above that before the onset.*PSTH/)
})

t.test('what is missing or damaged is named', async (t) => {
  await refuses(t, () => read(t, small(), {}), 'missing-field', '/timeBinMs', '70,170')
  await refuses(t, () => read(t, small(), { timeBinMs: '70,170', unit: 'zscore' }), 'invalid-value', '/unit')
  await refuses(t, () => read(t, small(), { timeBinMs: '70,170', variable: 'x' }), 'unknown-field', '/variable', 'an NWB recording')
  await refuses(t, () => read(t, { ...small(), units: { spike_times_index: Int32Array.of(7, 99) } }, { timeBinMs: '70,170' }), 'damaged-file', 'spike_times_index, row 1', '99')
})
