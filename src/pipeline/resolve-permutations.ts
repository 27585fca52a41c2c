import type { DatasetManifest } from '../domain/dataset.ts'
import type { VentralError } from '../domain/errors.ts'
import type { FitRequest, ResolvedFit } from '../domain/fit.ts'
import type { PermutationPlan } from '../domain/scores.ts'
import type { Normalisation } from '../encoding/normalise.ts'
import { isGrouped } from '../encoding/splits/split-scheme.ts'
import { uniqueByAppearance } from '../encoding/splits/unique.ts'
import type { Division } from './condition.ts'
import { invalid } from './refusals.ts'

const MAX_COUNT = 100_000
const POINTER = '/permutations'

/** The permutations of a request, for a mapping that can be refitted to permuted responses with its penalties held. */
export const resolvePermutations = (asked: FitRequest['permutations'], { mapping, reduction }: Pick<ResolvedFit, 'mapping' | 'reduction'>): { permutations?: PermutationPlan } => {
  if (asked === undefined) return {}
  const { count = 1000, seed = 0 } = asked
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) throw invalid(`${POINTER}/count`, `a whole number from 1 to ${MAX_COUNT}`, count)
  const refuse = (found: string, why: string): VentralError => invalid(POINTER, 'left out, or a mapping "ridge" or "linear" on Gram matrices', found, `The permutation test cannot be had here: ${why}`)
  if (mapping.method !== 'ridge' && mapping.method !== 'linear') throw refuse(mapping.method, `"${mapping.method}" would have to be fitted anew for each permutation and fold. Fit "ridge" or "linear" to test whether there is a relation.`)
  if (typeof mapping.pca === 'object') throw refuse('pca fitOn all', 'its components rest on all stimuli. Fit them on the training rows ("pca": N).')
  if (reduction !== undefined) throw refuse('reduction', 'a fit from reduced activations keeps no Gram matrices. Test a part of the stimuli.')
  return { permutations: { count, seed } }
}

/** Columns within whose values stimuli may be exchanged under the null: the session, and the groups of a grouped split. */
export const exchangeColumns = ({ stimuli, normalise }: DatasetManifest, { split }: Pick<ResolvedFit, 'split'>): string[] => {
  const session = normalise?.sessionColumn ?? 'session'
  const columns = stimuli.some(({ metadata }) => metadata[session] !== undefined) ? [session] : []
  return isGrouped(split) && split.by !== session ? [...columns, split.by] : columns
}

/** Per stimulus the block within which it may be exchanged; stimuli that a given split leaves out are not exchanged with the others. */
export const exchangeBlocks = (manifest: DatasetManifest, request: Pick<ResolvedFit, 'split'>, { rows }: Pick<Division, 'rows'>): string[] => {
  const columns = exchangeColumns(manifest, request)
  const used = new Set(rows)
  return manifest.stimuli.map(({ metadata }, i) => JSON.stringify([used.has(i), ...columns.map((column) => metadata[column] ?? '')]))
}

/** Throws where the data of a request with permutations do not allow them: responses normalised in folds, nothing to exchange. */
export const checkPermutable = (manifest: DatasetManifest, request: ResolvedFit, division: Division, normalisation: Normalisation | null): void => {
  if (request.permutations === undefined) return
  if (normalisation !== null)
    throw invalid(POINTER, 'left out, or a dataset without "normalise"', normalisation.method, 'The permutation test exchanges the responses of stimuli, and these are normalised anew in each fold. Import the data without "normalise" to test them.')
  const blocks = exchangeBlocks(manifest, request, division)
  if (uniqueByAppearance(blocks).values.length === blocks.length)
    throw invalid(POINTER, 'stimuli that share session and group', 'none', `No two stimuli share ${exchangeColumns(manifest, request).join(' and ')}, so there is nothing to exchange.`)
}
