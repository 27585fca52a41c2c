import type { AutoMapping, BandedMapping, JointMapping } from '../../domain/banded.ts'
import type { Mapping, RidgeMapping } from '../../domain/fit.ts'
import type { LayerScores } from '../../domain/fit-scores.ts'
import type { MethodsFacts } from './facts.ts'
import { cite, count, line, list, math, name, otherFields, paragraph } from './inline.ts'
import type { Line, Section } from './inline.ts'

const number = (value: number): string => String(Number(value.toPrecision(6)))

/** A grid of penalties by its ends: "25 values from 1e-6 to 1e6". */
const grid = (alphas: readonly number[]): string => (alphas.length === 1 ? `the one value ${number(alphas[0])}` : `${alphas.length} values from ${number(alphas[0])} to ${number(alphas.at(-1)!)}`)

const loss = ({ inner }: RidgeMapping): Line =>
  inner === 'gcv' ? line`by generalised cross-validation ${cite('golub1979gcv')}` : inner === 'loo' ? line`by the least leave-one-out error, in closed form` : line`by the least mean squared error on inner folds`

const shared = ({ alphaPer, sharedLoss }: RidgeMapping): string =>
  alphaPer === 'site' ? 'for each site by itself' : `one for all sites, ${sharedLoss === 'raw' ? 'errors taken as they are' : 'errors divided by the sites\u2019 training variance'}`

const ridge = (mapping: RidgeMapping): Line =>
  line`Ridge regression ${cite('hoerl1970ridge')}: activations and responses centred on the training rows, not scaled, the intercept not penalised. Penalties were chosen from ${grid(mapping.alphas)}${mapping.alphaUnits === 'relative' ? line`, relative to the activations (${math('\\alpha = \\lambda\\,\\mathrm{tr}(K_c)/n')} over the training rows)` : ' (absolute)'}, ${shared(mapping)}, ${loss(mapping)}; a tie goes to the larger penalty.`

const pls = (mapping: Extract<Mapping, { method: 'pls' }>): Line =>
  line`Partial least squares regression ${cite('wold1984pls')} with ${count(mapping.components, 'component')}, ${mapping.perSite ? 'each site by itself' : 'all sites jointly'}, defined as in scikit-learn ${cite('pedregosa2011sklearn')}; sites ${mapping.yScale === 'site' ? 'divided by their training standard deviation' : 'not scaled'}; ${mapping.solver === 'exact' ? 'converged (the dominant directions themselves)' : line`solver ${name(mapping.solver)}`}.`

const linear = (): Line => line`Ordinary least squares, the solution of minimum norm ${cite('penrose1955inverse')}.`

const told: Record<string, readonly string[]> = {
  ridge: ['method', 'alphas', 'alphaUnits', 'alphaPer', 'sharedLoss', 'inner', 'pca'],
  pls: ['method', 'components', 'yScale', 'perSite', 'solver', 'inner', 'pca'],
  linear: ['method', 'inner', 'pca'],
  banded: ['method', 'weights', 'candidates', 'weightsPer', 'alphas', 'alphaPer', 'inner'],
  auto: ['method', 'windows', 'alphas', 'inner'],
}

const bandedRidge = line`banded ridge regression ${cite('nunez2019banded', 'dupre2022banded')}`

const banded = ({ weights, candidates, weightsPer, alphas, alphaPer }: BandedMapping): Line =>
  line`All layers together, each a band divided by its mean squared length over the training rows: ${bandedRidge}. ${
    weights === null
      ? line`Weights of the bands were the best of equal ones, each layer alone and ${count(candidates!.draws, 'draw')} from the simplex (seed ${candidates!.seed}), ${weightsPer === 'site' ? 'for each site by itself' : 'one vector for all sites'}`
      : line`Weights of the bands were given: ${Object.entries(weights).map(([layer, weight]) => `${layer} ${number(weight)}`).join(', ')}`
  }; penalties were chosen from ${grid(alphas)}, relative to the weighted sum, ${alphaPer === 'site' ? 'for each site by itself' : 'one for all sites'}, by the least mean squared error on inner folds.`

const auto = ({ windows, alphas }: AutoMapping): Line =>
  line`All layers together (${bandedRidge}): ridge fits on all layers equally, on each layer alone${windows < 2 ? '' : line` and on all layers within each of ${windows * windows} places of the image, units weighted by a Gaussian of their distance to its centre`}, each layer divided by its mean squared length over the training rows; each site's prediction is the convex mix of these fits that errs least on the inner held-out rows (stacking). Penalties were chosen from ${grid(alphas)}, relative to each sum, for each site and fit by itself, by the least mean squared error on inner folds.`

const sentence = (mapping: Mapping | JointMapping): Line => {
  if (mapping.method === 'ridge') return ridge(mapping)
  if (mapping.method === 'pls') return pls(mapping)
  if (mapping.method === 'linear') return linear()
  return mapping.method === 'banded' ? banded(mapping) : auto(mapping)
}

const components = ({ pca }: Mapping | JointMapping): Line => {
  if (pca === undefined) return []
  const [k, rows] = typeof pca === 'number' ? [pca, 'computed on the training rows alone'] : [pca.components, 'computed on all stimuli, test rows included']
  return line`It was fitted on the scores of the first ${k} principal components ${cite('hotelling1933pca')} of the activations, ${rows}.`
}

/** Penalties that the outer folds chose: their range, and the share at the ends of the grid. */
const chosen = ({ layer, sites, alphasAtEdge }: LayerScores): Line => {
  const alphas = sites.flatMap(({ alphaPerSplit }) => alphaPerSplit.filter((alpha) => alpha !== null))
  if (alphas.length === 0) return []
  const [least, most] = alphas.reduce(([low, high], alpha) => [Math.min(low, alpha), Math.max(high, alpha)], [Infinity, -Infinity])
  return line`Penalties chosen for ${name(layer)}, over sites and splits: ${number(least)} to ${number(most)} (absolute); ${(100 * alphasAtEdge).toFixed(1)} % at an end of the grid.`
}

/** The mapping with its penalties, and what was chosen of them. */
export const mappingSection = ({ request: { mapping }, scores }: MethodsFacts): Section => {
  const others = otherFields(mapping, told[mapping.method] ?? ['method', 'inner', 'pca'])
  const best = scores.layers.find(({ layer }) => layer === scores.bestLayer?.layer) ?? scores.layers[0]
  return {
    heading: 'Mapping',
    blocks: [
      paragraph(sentence(mapping), components(mapping), chosen(best)),
      ...(others.length === 0 ? [] : [paragraph(line`Further settings of the mapping:`), list(others)]),
    ],
  }
}
