import { activationsName } from '../domain/activations.ts'
import type { DatasetManifest } from '../domain/dataset.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { BestLayer, LayerScores } from '../domain/fit-scores.ts'
import type { Division } from './condition.ts'
import { DEFAULT_BACKGROUND } from '../domain/placement.ts'
import { networksOf } from './fit-networks.ts'

/** Share of penalties at an end of the grid over which the grid should be widened. */
const EDGE_SHARE = 0.05

/** What a reader of the scores should know beside them. */
export const fitWarnings = (request: ResolvedFit, manifest: DatasetManifest, layers: LayerScores[], { plainMax, layer, from }: BestLayer, { splits }: Pick<Division, 'splits'>): string[] => {
  const warnings: string[] = []
  if (manifest.source.simulated === 'true') warnings.push('The data are simulated: no score here is a finding.')
  const edge = layers.filter((scores) => scores.alphasAtEdge > EDGE_SHARE)
  if (edge.length > 0)
    warnings.push(`More than 5 % of the penalties lie at an end of the grid in ${edge.map((scores) => scores.layer).join(', ')}: ${request.protocol === undefined ? 'widen "alphas"' : `the grid is that of the protocol "${request.protocol}"`}.`)
  const unscored = layers[0]?.sites.filter((site) => site.r === null && site.ev === null) ?? []
  const constant = unscored.filter(({ note }) => note?.includes('do not vary')).length
  if (constant > 0) warnings.push(`${constant} sites have no score (their responses do not vary).`)
  if (unscored.length > constant) warnings.push(`${unscored.length - constant} sites have no score (they saw too few of the stimuli: see the notes beside them).`)
  if (manifest.timeBins !== null && manifest.timeBins.length > 1) warnings.push('Time bins were averaged.')
  if (manifest.visualDegrees === null && request.placement === 'fill' && runsImages(request)) warnings.push('The size of the stimuli in degrees is not known: images fill the input of the backbone.')
  if (request.placement !== 'fill' && manifest.backgroundRgb === null && runsImages(request))
    warnings.push(`The background of the stimuli is not known: they were padded with grey, ${DEFAULT_BACKGROUND.join(',')}. State it as backgroundRgb at import.`)
  for (const column of blockColumns(request, manifest))
    warnings.push(`Stimuli of the same ${column} lie one after the other: the unshuffled inner folds, which choose the penalties, leave whole groups of it out. Mix the order of the stimuli to avoid it.`)
  warnings.push(...fewerComponents(request, layers, splits))
  if (plainMax.layer !== layer && from === undefined) warnings.push(`The plain maximum over layers is ${plainMax.layer}; the nested choice on all stimuli is ${layer}, which the encoder takes.`)
  return warnings
}

/** Layers whose activations have fewer principal components than were asked for, in all stimuli or in a training set. */
const fewerComponents = ({ mapping: { pca } }: ResolvedFit, layers: LayerScores[], splits: Division['splits']): string[] => {
  if (pca === undefined) return []
  const asked = typeof pca === 'object' ? pca.components : pca
  const most = Math.min(...splits.map(({ train }) => train.length)) - 1
  const fewer = layers.filter(({ rank }) => Math.min(rank, most) < asked).map(({ layer, rank }) => `${layer} (${Math.min(rank, most)})`)
  return fewer.length === 0 ? [] : [`Fewer principal components than the ${asked} asked for: ${fewer.join(', ')}. Activations of n training stimuli have at most n - 1.`]
}

const runsImages = (request: ResolvedFit): boolean => networksOf(request).some(({ backbone }) => activationsName(backbone) === null)

/** Share of neighbours with the same value over which a column's groups lie in blocks. */
const BLOCK_SHARE = 0.8

/** Columns by which the stimuli are sorted, where inner folds follow the order of the stimuli. */
const blockColumns = ({ split, mapping: { inner } }: ResolvedFit, { groupingColumns, stimuli }: DatasetManifest): string[] =>
  typeof inner === 'string' || inner.stratified !== undefined || !['kfold', 'stratifiedkfold', 'given'].includes(split.scheme)
    ? []
    : groupingColumns.filter((column) => {
        const same = stimuli.filter((stimulus, i) => i > 0 && stimulus.metadata[column] === stimuli[i - 1].metadata[column]).length
        return same > BLOCK_SHARE * (stimuli.length - 1)
      })
