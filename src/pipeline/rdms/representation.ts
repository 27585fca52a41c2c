import type { DatasetManifest } from '../../domain/dataset.ts'
import type { Matrix, NdArray } from '../../domain/matrix.ts'
import type { RdmKind } from '../../domain/rdm.ts'
import type { GramSums } from '../../encoding/rsa/rdm.ts'

/** A population: patterns of sites over stimuli. */
export interface Patterns {
  /** (stimulus x site) */
  patterns: Matrix
  /** single trials (stimulus x site x repetition), NaN where missing; null where there are none */
  trials: NdArray | null
  /** columns of each animal that is named */
  animals: { animal: string; columns: number[] }[]
  zscore: boolean
}

/** What RDMs and CKA are computed from: patterns over labelled stimuli, or the inner products of them where they are too wide to keep. */
export interface Representation {
  kind: RdmKind
  stimulusIds: string[]
  /** sha256 of each stimulus's image */
  images: string[] | null
  manifest: DatasetManifest
  form: Patterns | { gram: GramSums }
  /** what a name of it should say */
  title: string
  provenance: Record<string, unknown>
  warnings: string[]
}
