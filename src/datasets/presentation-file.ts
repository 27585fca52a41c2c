import fs from 'node:fs'
import path from 'node:path'
import type { StoredArray } from './canonical-blocks.ts'
import type { PresentationPlan } from './presentations.ts'
import { readFully, reportFullDisk } from './source-file.ts'

/** The values of presentations (rows of `sites` x `timeBins` float64), written as they come and read again by stimulus and repetition. */
export interface PresentationFile {
  /** Appends whole rows. */
  append(rows: Float64Array): Promise<void>
  /** The rows as an array stimulus x repetition x site x time bin, NaN where a repetition is missing. `file` is for messages. */
  array(file: string, plan: PresentationPlan): StoredArray
  close(): Promise<void>
}

/** Reads values of the array stimulus x repetition x row out of the rows' file, NaN where a repetition is missing. */
const readPresentations = async (handle: fs.promises.FileHandle, { rowOf }: PresentationPlan, width: number, from: number, count: number): Promise<Float64Array> => {
  const first = Math.floor(from / width)
  const last = Math.ceil((from + count) / width)
  const values = new Float64Array((last - first) * width).fill(NaN)
  for (let i = first; i < last;) {
    let end = i + 1
    // presentations that lie one behind the other in the file are one read
    while (end < last && rowOf[i] >= 0 && rowOf[end] === rowOf[i] + end - i) end++
    if (rowOf[i] >= 0) await readFully(handle, new Uint8Array(values.buffer, (i - first) * width * 8, (end - i) * width * 8), rowOf[i] * width * 8)
    i = end
  }
  return values.subarray(from - first * width, from - first * width + count)
}

/** Opens an empty file of presentations in the folder, which the caller deletes. Errors: disk-full. */
export const openPresentationFile = async (workFolder: string, sites: number, timeBins: number): Promise<PresentationFile> => {
  const handle = await fs.promises.open(path.join(workFolder, 'presentations.f64'), 'wx+')
  return {
    append: (rows) => reportFullDisk(() => handle.appendFile(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength))),
    array: (file, plan) => ({
      file,
      axes: ['stimulus', 'repetition', 'site', 'time'],
      shape: [plan.stimuli, plan.repetitions, sites, timeBins],
      itemBytes: 8,
      read: (from, count) => readPresentations(handle, plan, sites * timeBins, from, count),
    }),
    close: () => handle.close(),
  }
}
