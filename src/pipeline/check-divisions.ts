import type { JointMapping } from '../domain/banded.ts'
import type { DatasetManifest } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { MissingPattern } from '../encoding/missing/patterns.ts'
import type { Normalisation } from '../encoding/normalise.ts'
import { isJoint } from './bands.ts'
import { choosePopulation } from './choose-sites.ts'
import { divide } from './condition.ts'
import { alsoByRequest } from './generalisation.ts'
import { canNormalise, checkNormalisation, normalisationOf } from './normalisation.ts'
import { checkPermutable } from './resolve-permutations.ts'
import { isReference } from './reference/check-reference.ts'
import { checkPatterns, storedPatterns } from './site-patterns.ts'

/**
 * Checks that every division of a request can be made and fitted, with what each site saw of it. Answers the columns of its further
 * grouped splits, without those that nobody asked for and that would leave a session nothing to be normalised by. Throws
 * `too-few-stimuli`, `choose-sites`, `invalid-value`.
 */
export const checkDivisions = async (
  responsesPath: string,
  manifest: DatasetManifest,
  request: ResolvedFit,
  { alsoByAsked }: { alsoByAsked: boolean },
): Promise<string[]> => {
  const normalisation = normalisationOf(manifest)
  const own = divide(request.split, manifest, request)
  checkNormalisation(manifest, normalisation, own, '/split')
  const further = request.alsoBy
    .map((column) => ({ column, division: divide(alsoByRequest(manifest, column), manifest, request) }))
    .filter(({ division }) => alsoByAsked || canNormalise(normalisation, division))
  for (const { division } of further) checkNormalisation(manifest, normalisation, division, '/alsoBy')
  const patterns = await storedPatterns(responsesPath, manifest, choosePopulation(manifest, request.sites).before)
  if (isJoint(request.mapping)) checkSharedChoice(request.mapping, patterns)
  checkPermutable(manifest, request, own, normalisation)
  if (isReference(request.mapping)) checkComplete(manifest, patterns, 'the solver "reference"', 'leave the solver out')
  if (request.reduction) checkReducible(manifest, normalisation, patterns)
  for (const division of [own, ...further.map((each) => each.division)]) checkPatterns(patterns, division)
  return further.map(({ column }) => column)
}

/** Sites that saw different stimuli are fitted apart, so that a joint mapping cannot choose for all of them at once. */
const checkSharedChoice = (mapping: JointMapping, patterns: readonly MissingPattern[]): void => {
  if (patterns.length === 1 || mapping.method === 'auto' || (mapping.alphaPer === 'site' && mapping.weightsPer === 'site')) return
  throw new VentralError('choose-sites', `The chosen sites saw ${patterns.length} different sets of stimuli, each of which is fitted apart: banded ridge then needs "alphaPer": "site" and "weightsPer": "site". Or choose sites that saw the same ("sites").`, [
    { pointer: '/mapping', expected: 'alphaPer and weightsPer "site", or sites that saw the same stimuli', found: `alphaPer "${mapping.alphaPer}", weightsPer "${mapping.weightsPer}"` },
  ])
}

/** Statistics of reduced activations are of all stimuli and sites at once. */
const checkReducible = ({ stimuli }: DatasetManifest, normalisation: Normalisation | null, patterns: readonly MissingPattern[]): void => {
  if (normalisation !== null)
    throw new VentralError('does-not-fit', 'A fit from reduced activations cannot normalise the responses by the training rows of each fold. Import the data without "normalise", or fit at most 8,000 stimuli without "reduction".', [
      { pointer: '/reduction', expected: 'a dataset without "normalise"', found: normalisation.method },
    ])
  checkComplete({ stimuli }, patterns, 'a fit from reduced activations', 'fit at most 8,000 stimuli without "reduction"')
}

const checkComplete = ({ stimuli }: Pick<DatasetManifest, 'stimuli'>, patterns: readonly MissingPattern[], what: string, advice: string): void => {
  const least = Math.min(...patterns.map(({ rows }) => rows.length))
  if (least === stimuli.length) return
  throw new VentralError('choose-sites', `Some sites did not see every stimulus, and ${what} needs sites that did. Choose them with "sites": {"ids": […]}, or ${advice}.`, [
    { pointer: '/sites', expected: `sites that saw all ${stimuli.length} stimuli`, found: `one that saw ${least}` },
  ])
}
