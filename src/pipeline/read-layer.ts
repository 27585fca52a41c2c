import type { Mapping } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import { readGramFile } from './gram-file.ts'
import { takesPrimal } from './primal-mapping.ts'

/** What a mapping is fitted to, in shared memory: the Gram matrix (stimulus x stimulus), and X itself (stimulus x unit) where it is fitted in primal form. */
export const readLayer = ({ path }: HeldFile, mapping: Mapping): { units: number; K: Matrix; X: Matrix | null } => {
  const gram = readGramFile(path, (stimuli, units) => takesPrimal(mapping, stimuli, units))
  const { stimuli: n, units, values } = gram
  const K = { rows: n, cols: n, data: gram.K }
  if (!takesPrimal(mapping, n, units)) return { units, K, X: null }
  if (values === null) throw new Error(`${path} was written without the activations that a fit in primal form needs`)
  const data = new Float64Array(new SharedArrayBuffer(8 * values.length))
  data.set(values)
  return { units, K, X: { rows: n, cols: units, data } }
}
