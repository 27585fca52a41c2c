import type { WeightsInfo } from '../../domain/backbone.ts'
import type { DatasetManifest } from '../../domain/dataset.ts'
import type { ResolvedFit } from '../../domain/fit.ts'
import type { FitScores } from '../../domain/fit-scores.ts'

/** All that a methods section is made from. */
export interface MethodsFacts {
  fit: string
  request: ResolvedFit
  scores: FitScores
  dataset: Pick<DatasetManifest, 'unit' | 'normalise' | 'timeBins' | 'visualDegrees' | 'backgroundRgb'> & {
    name: string
    sha256: string
    simulated: boolean
    stimuli: number
    sites: number
    repetitions: { min: number; max: number }
    duplicates: { exact: number; near: number }
  }
  /** the stored weights of the networks, by sha256 */
  weights: Record<string, Pick<WeightsInfo, 'source' | 'licence'>>
  /** when the results were written */
  finishedAt: string
}
