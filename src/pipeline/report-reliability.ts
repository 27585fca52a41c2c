import type { ImportReport, Site } from '../domain/dataset.ts'
import { analyticReliability } from '../encoding/ceilings/analytic.ts'
import { median } from '../encoding/scores/statistics.ts'
import { readNpyHeader, readNpyRows } from '../numerics/npy.ts'

/** Bytes of responses held at a time. */
const SLAB_BYTES = 64e6
