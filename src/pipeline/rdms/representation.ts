import type { DatasetManifest, Stimulus } from '../../domain/dataset.ts'
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
  /** sha256 of each stimulus's image; null where the dataset has none */
  images: string[] | null
  manifest: DatasetManifest
  form: Patterns | { gram: GramSums }
  /** what a name of it should say */
  title: string
  provenance: Record<string, unknown>
  warnings: string[]
}

/** sha256 of the images of some of a dataset's stimuli; null where it came without. */
export const imagesOf = ({ images }: Pick<DatasetManifest, 'images'>, stimuli: readonly Pick<Stimulus, 'sha256'>[]): string[] | null => (images === false ? null : stimuli.map(({ sha256 }) => sha256))
