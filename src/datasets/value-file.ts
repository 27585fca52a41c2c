import fs from 'node:fs'
import path from 'node:path'
import type { StoredArray } from './canonical-blocks.ts'
import type { PresentationPlan } from './presentations.ts'
import { readFully, reportFullDisk } from './source-file.ts'

/** Values as float64 on the disk: written as they come, then read anywhere. */
export interface ValueFile {
  append: (values: Float64Array) => Promise<void>
  /** `count` values from index `from` on */
  read: (from: number, count: number) => Promise<Float64Array>
  close: () => Promise<void>
}

/** Opens an empty file of values in the folder, which the caller deletes. Errors: disk-full. */
export const openValueFile = async (workFolder: string): Promise<ValueFile> => {
  const handle = await fs.promises.open(path.join(workFolder, 'values.f64'), 'wx+')
  return {
    append: (values) => reportFullDisk(() => handle.appendFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))),
    read: async (from, count) => {
      const values = new Float64Array(count)
      await readFully(handle, new Uint8Array(values.buffer), from * 8)
      return values
    },
    close: () => handle.close(),
  }
}

/** Reads values of the array stimulus x repetition x row out of a file of rows, NaN where a repetition is missing. */
const readPresentations = async (file: ValueFile, { rowOf }: PresentationPlan, width: number, from: number, count: number): Promise<Float64Array> => {
  const first = Math.floor(from / width)
  const last = Math.ceil((from + count) / width)
  const values = new Float64Array((last - first) * width).fill(NaN)
  for (let i = first; i < last;) {
    let end = i + 1
    // presentations that lie one behind the other in the file are one read
    while (end < last && rowOf[i] >= 0 && rowOf[end] === rowOf[i] + end - i) end++
    if (rowOf[i] >= 0) values.set(await file.read(rowOf[i] * width, (end - i) * width), (i - first) * width)
    i = end
  }
  return values.subarray(from - first * width, from - first * width + count)
}

/** A file with a row (site x time bin) per presentation, as an array stimulus x repetition x site x time bin. `name` is for messages. */
export const presentationArray = (name: string, file: ValueFile, plan: PresentationPlan, sites: number, timeBins: number): StoredArray => ({
  file: name,
  axes: ['stimulus', 'repetition', 'site', 'time'],
  shape: [plan.stimuli, plan.repetitions, sites, timeBins],
  itemBytes: 8,
  read: (from, count) => readPresentations(file, plan, sites * timeBins, from, count),
})
