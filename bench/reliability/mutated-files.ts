/**
 * Damaged and hostile files in front of the readers of recordings: node bench/reliability/mutated-files.ts [FILES PER READER] [SEED].
 * Every file is a small good one with bytes changed at random places, or cut off. Each must be read or refused with a VentralError;
 * anything else is printed, and the script ends with 1.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import h5wasm from 'h5wasm/node'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import { VentralError } from '../../src/domain/errors.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { encodeNpz } from '../../src/numerics/npz.ts'
import { writeAssembly } from '../../test/datasets/assembly.ts'

const perReader = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 1)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-mutated-'))
const reference = (...parts: string[]): Buffer => fs.readFileSync(path.resolve(import.meta.dirname, '../../test/reference', ...parts))

/** mulberry32: the same files for the same seed. */
let state = seed >>> 0
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const mutate = (good: Buffer): Buffer => {
  const bytes = Buffer.from(good)
  if (random() < 0.1) return bytes.subarray(0, Math.floor(random() * bytes.length))
  const changes = 1 + Math.floor(random() * 6)
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(random() * bytes.length)
    // whole words of ones and zeros make lengths and offsets that are far off
    if (random() < 0.3) bytes.fill(random() < 0.5 ? 0xff : 0, at, Math.min(bytes.length, at + 1 + Math.floor(random() * 8)))
    else bytes[at] = Math.floor(random() * 256)
  }
  return bytes
}

await h5wasm.ready
const nwb = (): Buffer => {
  const file = path.join(folder, 'good.nwb')
  const h5 = new h5wasm.File(file, 'w')
  h5.create_attribute('nwb_version', '2.7.0')
  const units = h5.create_group('units')
  units.create_dataset({ name: 'spike_times', data: Float64Array.from({ length: 40 }, (_, i) => i / 10) })
  units.create_dataset({ name: 'spike_times_index', data: Int32Array.of(20, 40) })
  units.create_dataset({ name: 'obs_intervals', data: Float64Array.of(0, 10, 0, 5), shape: [2, 2] })
  units.create_dataset({ name: 'obs_intervals_index', data: Int32Array.of(1, 2) })
  const trials = h5.create_group('intervals').create_group('trials')
  trials.create_dataset({ name: 'start_time', data: Float64Array.of(1, 2, 3) })
  trials.create_dataset({ name: 'stimulus_id', data: ['a', 'b', 'a'] })
  h5.close()
  return fs.readFileSync(file)
}
const brainio = (): Buffer =>
  fs.readFileSync(
    writeAssembly(folder, 'good.nc', {
      data: { dimensions: ['presentation', 'neuroid'], values: Float32Array.from({ length: 12 }, (_, i) => i), chunks: [2, 3] },
      sizes: { presentation: 4, neuroid: 3 },
      coordinates: { stimulus_id: { dimension: 'presentation', values: ['a', 'b', 'a', 'c'] }, neuroid_id: { dimension: 'neuroid', values: ['x', 'y', 'z'] } },
    }).path,
  )

const rates = Float64Array.from({ length: 12 }, (_, i) => i)
const readers: Record<string, { good: Buffer; fields?: Record<string, string> }> = {
  npy: { good: Buffer.from(encodeNpy(rates, [4, 3])) },
  npz: { good: Buffer.from(await encodeNpz({ responses: encodeNpy(rates, [4, 3]), stimulus_id: encodeNpy(['a', 'b', 'c', 'd'], [4]) })) },
  csv: { good: Buffer.from('stimulus_id,repetition,x,y\na,0,1,2\na,1,3,4\nb,0,5,6\n') },
  mat5: { good: reference('mat5', 'packed.mat'), fields: { variable: 'numbers' } },
  mat73: { good: reference('hdf5', 'mat73.mat'), fields: { variable: 'session.rates', axes: 'stimulus,site,repetition' } },
  brainio: { good: brainio() },
  nwb: { good: nwb(), fields: { timeBinMs: '70,170', unit: 'count' } },
}

let failures = 0
for (const [name, { good, fields = {} }] of Object.entries(readers)) {
  const outcomes = new Map<string, number>()
  let slowest = 0
  for (let i = 0; i < perReader; i++) {
    const file = path.join(folder, `mutated.${name}`)
    fs.writeFileSync(file, i === 0 ? good : mutate(good))
    const work = fs.mkdtempSync(path.join(folder, 'work-'))
    const start = performance.now()
    let outcome = 'read'
    try {
      await readDataset({ responses: sourceFile(file), fields: parseImportFields({ unit: 'other', ...fields }) }, work)
    } catch (error) {
      outcome = error instanceof VentralError ? error.code : `DEFECT ${String(error)}`
      if (!(error instanceof VentralError)) {
        failures++
        fs.copyFileSync(file, path.join(os.tmpdir(), `ventral-defect-${name}-${seed}-${i}`))
      }
    }
    if (i === 0 && outcome !== 'read') throw new Error(`the good ${name} file is not read: ${outcome}`)
    slowest = Math.max(slowest, performance.now() - start)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    fs.rmSync(work, { recursive: true, force: true })
  }
  const rss = Math.round(process.memoryUsage().rss / 1e6)
  console.log(`${name.padEnd(8)} ${perReader} files, slowest ${(slowest / 1000).toFixed(2)} s, this process ${rss} MB: ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`)
}
fs.rmSync(folder, { recursive: true, force: true })
process.exit(failures === 0 ? 0 : 1)
