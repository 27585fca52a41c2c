import type { DatasetManifest } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import type { ResolvedFit } from '../../domain/fit.ts'
import type { FitScores, LayerScores } from '../../domain/fit-scores.ts'
import type { Population } from '../fit-population.ts'
import { describeReduction } from './reduction.ts'

/** Refuses sites that did not see every stimulus: the statistics are those of all sites together. */
export const checkComplete = ({ sites, fitted: { Y } }: Population): void => {
  const gap = Y.data.findIndex(Number.isNaN)
  if (gap < 0) return
  const siteId = sites[gap % Y.cols]?.siteId ?? 'one'
  throw new VentralError('choose-sites', `Site ${siteId} did not see every stimulus, and a fit from reduced activations needs sites that did. Choose them with "sites": {"ids": […]}, or fit at most 8,000 stimuli without "reduction".`, [
    { pointer: '/sites', expected: 'sites with a response to every stimulus', found: siteId },
  ])
}

/** What the scores say of the reduction. */
export const reductionReport = ({ reduction }: ResolvedFit, { stimuli }: DatasetManifest, layers: readonly LayerScores[]): Pick<FitScores, 'reduction'> =>
  reduction ? { reduction: { ...reduction, layers: layers.map(({ layer, units }) => ({ layer, ...describeReduction(stimuli.length, units, reduction) })) } } : {}

/** What a reader of the scores should know of a reduction. */
export const reductionWarnings = (reduction: FitScores['reduction']): string[] => {
  const projected = reduction?.layers.filter(({ distortion }) => distortion > 0) ?? []
  if (projected.length === 0) return []
  const worst = Math.max(...projected.map(({ distortion }) => distortion))
  return [
    `Activations of ${projected.map(({ layer }) => layer).join(', ')} were reduced to ${reduction!.dimensions} dimensions by a sparse random projection: squared distances between stimuli are kept to ${Math.ceil(100 * worst)} %. Pooling takes layers as they are when it leaves no more units than that.`,
  ]
}
