import { VentralError } from '../domain/errors.ts'
import { throwIfAborted } from '../domain/progress.ts'
import { HEADER_BYTES, openNpyWriter, readNpyHeader } from '../numerics/npy.ts'
import type { NpyHeader } from '../numerics/npy.ts'
import { openRows } from './activation-rows.ts'
import { firstBytes, quoted, reportFullDisk } from './source-file.ts'

/** Bytes of rows that are held at a time, as float64. */
const BLOCK_BYTES = 32e6

/** An array of activations in its stored form: .npy (stimulus x shape) in C order, rows in the order of the dataset's stimuli. */
export interface CanonicalLayer {
  name: string
  path: string
  /** without the stimulus axis */
  shape: number[]
  units: number
  /** f4 where that holds every value exactly */
  type: 'f4' | 'f8'
}

export interface LayerFile {
  name: string
  /** an .npy file, and what messages call it */
  path: string
  where: string
}

const mismatch = (where: string, detail: string, expected: string, found: string): VentralError => new VentralError('count-mismatch', detail, [{ pointer: where, expected, found }])

const typeOf = ({ kind, itemSize }: NpyHeader): 'f4' | 'f8' => (kind === 'f' ? itemSize <= 4 : itemSize <= 2) ? 'f4' : 'f8'

/** The array's header, when it is a matrix with a row for each of `rows` stimuli. Errors: count-mismatch, unsupported-dtype, damaged-file. */
export const checkLayer = async ({ path, where }: Omit<LayerFile, 'name'>, rows: number): Promise<NpyHeader> => {
  const header = readNpyHeader(await firstBytes(path, HEADER_BYTES), where)
  checkShape(header, where, rows)
  return header
}

/** Refuses an array that has not a row for each of `rows` stimuli, or no units. */
export const checkShape = ({ shape, count }: Pick<NpyHeader, 'shape' | 'count'>, where: string, rows: number): void => {
  const found = `(${shape.join(', ')})`
  const expected = `(${rows}, units) or (${rows}, C, H, W)`
  if (shape.length < 2) throw mismatch(where, `${where} has the shape ${found}; activations are stimulus x unit, here ${expected}.`, expected, found)
  if (shape[0] !== rows) {
    const hint = shape.at(-1) === rows && shape.length === 2 ? ' The second axis has that length, so perhaps it must be transposed.' : ''
    throw mismatch(where, `${where} has ${shape[0]} rows and there are ${rows} stimuli: it must have one row for each, in the shape ${expected}.${hint}`, expected, found)
  }
  if (count === 0) throw mismatch(where, `${where} has the shape ${found}: there is no unit in it.`, expected, found)
}

/**
 * Writes an array as it is stored. `order[i]` is its row of the dataset's i-th stimulus. Streamed: memory holds some rows, whatever the
 * file's order. Errors: those of checkLayer, non-finite-activations (with the stimulus and the unit), disk-full.
 */
export const writeCanonicalLayer = async (
  layer: LayerFile,
  { order, stimulusIds, target, signal }: { order: Int32Array; stimulusIds: readonly string[]; target: string; signal?: AbortSignal },
): Promise<CanonicalLayer> => {
  const header = await checkLayer(layer, order.length)
  const shape = header.shape.slice(1)
  const units = header.count / order.length
  const type = typeOf(header)
  const reader = await reportFullDisk(() => openRows(layer.path, layer.where, `${target}.rows`, signal))
  try {
    const writer = await openNpyWriter(target, shape, type)
    try {
      const batch = Math.max(1, Math.floor(BLOCK_BYTES / (8 * units)))
      for (let first = 0; first < order.length; ) {
        throwIfAborted(signal)
        let count = 1
        // rows that lie one behind the other in the file are one read
        while (count < batch && first + count < order.length && order[first + count] === order[first] + count) count++
        const read = await reader.rows(order[first], order[first] + count) // (stimulus x unit)
        const rows = reader.columns === null ? read : reordered(read, reader.columns)
        refuseNonFinite(rows, units, layer.where, stimulusIds.slice(first, first + count))
        await reportFullDisk(() => writer.append(type === 'f4' ? Float32Array.from(rows) : rows))
        first += count
      }
      await reportFullDisk(() => writer.close())
    } finally {
      await writer.discard()
    }
  } finally {
    await reader.close()
  }
  return { name: layer.name, path: target, shape, units, type }
}

const reordered = (rows: Float64Array, columns: Int32Array): Float64Array => {
  const out = new Float64Array(rows.length)
  const units = columns.length
  for (let row = 0; row < rows.length; row += units) for (let k = 0; k < units; k++) out[row + columns[k]] = rows[row + k]
  return out
}

const refuseNonFinite = (rows: Float64Array, units: number, where: string, ids: readonly string[]): void => {
  for (let at = 0; at < rows.length; at++)
    if (!Number.isFinite(rows[at])) {
      const place = `stimulus ${quoted(ids[Math.floor(at / units)])}, unit ${at % units}`
      throw new VentralError('non-finite-activations', `${where} holds ${rows[at]} at ${place} (units counted from 0). Activations must be finite numbers: leave the unit out, or compute it again.`, [
        { pointer: `${where}: ${place}`, expected: 'a finite number', found: String(rows[at]) },
      ])
    }
}
