import fs from 'node:fs'
import path from 'node:path'
import type { Matrix } from '../../domain/matrix.ts'
import { accumulate, cellStatistics, packedLength, statisticsWithout } from '../../encoding/cells/cell-statistics.ts'
import type { CellStatistics } from '../../encoding/cells/cell-statistics.ts'
import type { Tools } from '../../encoding/tools.ts'
import { translateFileError } from '../../storage/durable-files.ts'
import { readReducedRows } from './reduced-file.ts'
import type { ReducedFile } from './reduced-file.ts'

/** A layer under one division of the stimuli into fold cells, whose statistics lie in a folder. Threads share it by copy; Y lies in shared memory. */
export interface CellPlan {
  folder: string
  reduced: ReducedFile
  /** (stimulus x site) */
  Y: Matrix
  /** vector that rates in statistics are about */
  rateCentre: Float64Array
  /** test rows of each outer fold: they part the stimuli */
  cells: Int32Array[]
}

/** Stimuli of which the products are taken at once: 4,096 dimensions of them are 32 MB. */
const ROWS = 1024

const fileOf = (folder: string, cell: number | 'total'): string => path.join(folder, `cell-${cell}.f64`)

/** Writes the statistics of one cell: gram, cross, sums, one behind the other, float64. */
export const writeCell = async ({ folder, reduced, Y, rateCentre, cells }: CellPlan, cell: number, tools: Pick<Tools, 'products'>): Promise<void> => {
  const m = Y.cols
  const blocks = function* () {
    for (const { rows, Z } of readReducedRows(reduced, cells[cell], ROWS)) {
      const rates = Float64Array.from({ length: rows.length * m }, (_, i) => Y.data[rows[Math.floor(i / m)] * m + (i % m)] - rateCentre[i % m])
      yield { Z, Y: { rows: rows.length, cols: m, data: rates } }
    }
  }
  writeStatistics(fileOf(folder, cell), await cellStatistics(reduced.dimensions, m, blocks(), tools))
}

/** Writes the sum of all cells, added up in their order. */
export const writeTotal = (plan: CellPlan): void => {
  const sum = readCell(plan, 0)
  for (let cell = 1; cell < plan.cells.length; cell++) accumulate(sum, readCell(plan, cell))
  writeStatistics(fileOf(plan.folder, 'total'), sum)
}

const writeStatistics = (file: string, { gram, cross, sums }: CellStatistics): void => {
  const fd = fs.openSync(file, 'w')
  try {
    for (const part of [gram, cross, sums]) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done)
    }
  } catch (error) {
    throw translateFileError(error)
  } finally {
    fs.closeSync(fd)
  }
}

export const readCell = ({ folder, reduced, Y, cells }: CellPlan, cell: number | 'total'): CellStatistics => {
  const k = reduced.dimensions
  const fd = fs.openSync(fileOf(folder, cell), 'r')
  try {
    const read = (length: number): Float64Array => {
      const values = new Float64Array(length)
      const bytes = new Uint8Array(values.buffer)
      for (let done = 0; done < bytes.length; ) {
        const got = fs.readSync(fd, bytes, done, bytes.length - done, null)
        if (got === 0) throw new Error(`the statistics of cell ${cell} ended early`)
        done += got
      }
      return values
    }
    const count = cell === 'total' ? cells.reduce((sum, rows) => sum + rows.length, 0) : cells[cell].length
    return { count, gram: read(packedLength(k)), cross: read(k * Y.cols), sums: read(k) }
  } finally {
    fs.closeSync(fd)
  }
}

/** Statistics of all stimuli but those of some cells. */
export const readWithout = (plan: CellPlan, without: readonly number[]): Promise<CellStatistics> =>
  statisticsWithout(plan.cells.length, without, (cell) => Promise.resolve(readCell(plan, cell)))

/** Rows of all cells but some, ascending. */
export const rowsWithout = ({ cells }: CellPlan, without: readonly number[]): Int32Array => Int32Array.from(cells.flatMap((rows, cell) => (without.includes(cell) ? [] : Array.from(rows)))).sort()

/** Bytes that a division's statistics take on disk. */
export const cellBytes = (dimensions: number, sites: number, cells: number): number => 8 * (cells + 1) * (packedLength(dimensions) + dimensions * sites + dimensions)
