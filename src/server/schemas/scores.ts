import { Type } from 'typebox'
import { Nullable, ref, strict } from './common.ts'
import { Registration } from './fit.ts'

const Score = Nullable(Type.Number())
const Interval = Nullable(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }))

export const Aggregate = strict({
  median: Score,
  mean: Score,
  error: Nullable(Type.Number({ description: 'errorOverSplits: population std over splits / sqrt(splits)' })),
  interval: Nullable(Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description: '95 %, bootstrap over stimuli, conditional on the fitted models: of the expected mean over test folds of as many stimuli' })),
  intervalOf: Type.Enum(['median', 'mean']),
  splits: Type.Array(strict({ median: Score, mean: Score })),
  sitesExcluded: Type.Integer(),
  pooledOverFolds: Type.Optional(
    strict({ value: Score, interval: Interval }, { description: 'of EV and R²: mean over sites with the variances pooled over folds, without the bias of small folds; nearly the score on very many new stimuli' }),
  ),
}, { $id: 'Aggregate' })

// Scores that older fits do not have are optional.
const Further = Type.Optional(Score)
const Reasons = Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'why a score beside it is null, by its name' }))
const SiteSummary = strict({ median: Score, mean: Score, sitesExcluded: Type.Integer() })

const Ceiled = strict({ median: Score, ratioOfMeans: Score, sitesExcluded: Type.Integer(), interval: Type.Optional(Interval) })

const AnimalMean = strict({
  mean: Score,
  interval: Interval,
  intervalOver: Type.Literal('animals', { description: "Student's t, 95 %; null with fewer than 3 animals" }),
  animalsExcluded: Type.Integer(),
  reason: Type.Optional(Type.String()),
})

const byAnimal = {
  animals: Type.Optional(Type.Array(strict({ animal: Type.String(), sites: Type.Integer(), correlation: ref(Aggregate), explainedVariance: ref(Aggregate) }))),
  acrossAnimals: Type.Optional(
    strict({ animals: Type.Integer(), correlation: AnimalMean, explainedVariance: AnimalMean }, { description: "mean over animals, each weighing the same, of the median r and the mean EV over its sites" }),
  ),
}

const Shares = Type.Array(Score)

const Bands = strict(
  {
    layers: Type.Array(Type.String()),
    candidates: Type.Array(Type.String()),
    candidateShares: Shares,
    layerShares: Shares,
    windowShares: Shares,
    sites: Type.Array(strict({ id: Type.String(), candidateShares: Shares, layerShares: Shares })),
  },
  { description: 'of a mapping of all layers together: what it chose for the refit on all stimuli; means over sites, then per site' },
)

export const LayerScores = strict({
  layer: Type.String(),
  units: Type.Integer(),
  rank: Type.Integer(),
  correlation: ref(Aggregate),
  explainedVariance: ref(Aggregate),
  r2: Type.Optional(ref(Aggregate)),
  feve: Type.Optional(Nullable(SiteSummary)),
  feveMean: Type.Optional(Nullable(SiteSummary)),
  poisson: Type.Optional(Nullable(strict({ deviance: SiteSummary, devianceExplained: SiteSummary, bitsPerSpike: SiteSummary }, { description: 'of counts only' }))),
  reasons: Reasons,
  ...byAnimal,
  ceiled: strict({ rOverSqrtCeiling: Ceiled, r2OverCeiling: Ceiled, evOverCeiling: Ceiled }),
  alphasAtEdge: Type.Number(),
  bands: Type.Optional(Bands),
  sites: Type.Array(
    strict({
      id: Type.String(),
      region: Type.String(),
      animal: Type.Optional(Type.String()),
      r: Score,
      ev: Score,
      ceiling: Score,
      alpha: Score,
      alphaPerSplit: Type.Array(Score),
      r2: Further,
      rOverSqrtCeiling: Further,
      r2OverCeiling: Further,
      evOverCeiling: Further,
      feve: Further,
      feveMean: Further,
      deviance: Further,
      devianceExplained: Further,
      bitsPerSpike: Further,
      reasons: Reasons,
      note: Type.Optional(Type.String()),
    }),
  ),
}, { $id: 'LayerScores' })

const Layers = Type.Array(ref(LayerScores))

const headline = { correlation: ref(Aggregate), explainedVariance: ref(Aggregate), r2: Type.Optional(ref(Aggregate)) }
const TimesChosen = Type.Record(Type.String(), Type.Integer())
const Leakage = Type.Array(strict({ what: Type.String(), rows: Type.String(), severity: Type.Enum(['none', 'note', 'warning']) }))

export const BestLayer = strict({
  layer: Type.String({ description: 'that nested choice prefers on all stimuli, or that was taken from another fit: the layer of the encoder' }),
  from: Type.Optional(Type.String({ description: 'the fit of another dataset that the layer was taken from: `score` is then the headline' })),
  score: Type.Optional(strict(headline, { description: 'of the layer that was taken: no choice was made on these data' })),
  nested: strict({ ...headline, ...byAnimal, timesChosen: TimesChosen, layerPerSplit: Type.Optional(Type.Array(Type.String())) }),
  perSite: Type.Optional(
    strict({ ...headline, timesChosen: TimesChosen, sites: Type.Array(strict({ id: Type.String(), layer: Type.String() })) }, { description: 'each site choosing its layer for itself on inner folds' }),
  ),
  plainMax: strict({ layer: Type.String(), score: Score }),
}, { $id: 'BestLayer' })

export const PairedDifference = strict({
  difference: Score,
  interval: Interval,
  p: Nullable(Type.Number({ description: 'two-sided, of no difference' })),
  pHolm: Nullable(Type.Number({ description: "after Holm's correction over all differences of this score and kind" })),
}, { $id: 'PairedDifference', description: 'a less b, paired by the bootstrap draws, conditional on the fitted models' })

const Permutation = strict({
  count: Type.Integer(),
  seed: Type.Integer(),
  statistic: Type.Enum(['correlation', 'explainedVariance']),
  within: Type.Array(Type.String(), { description: 'columns within whose values stimuli were exchanged' }),
  pOfMaximum: Score,
  layers: Type.Array(
    strict({
      layer: Type.String(),
      sites: Type.Array(
        strict({
          id: Type.String(),
          p: Nullable(Type.Number({ description: 'against the maximum over all layers and sites' })),
          uncorrected: Nullable(Type.Number({ description: 'against the same site and layer, for one named beforehand' })),
        }),
      ),
    }),
  ),
}, { description: 'stimuli permuted, penalties held; one-sided' })

const Difference = strict({
  between: Type.Enum(['layers', 'backbones', 'random', 'pixels']),
  a: Type.String(),
  b: Type.String(),
  seed: Type.Optional(Type.Integer({ description: 'of the random weights of b' })),
  correlation: ref(PairedDifference),
  explainedVariance: ref(PairedDifference),
  r2: ref(PairedDifference),
})

const Deviation = strict({
  pointer: Type.String({ description: 'into the frozen text; `/run` where the fit is not the registered one but a later one' }),
  registered: Type.Unknown(),
  used: Type.Unknown(),
})

const Population = strict({
  sites: strict({ before: Type.Integer(), after: Type.Integer() }, { description: 'sites chosen, before and after minCeiling' }),
  animals: Type.Record(Type.String(), Type.Integer(), { description: 'sites per animal' }),
  patterns: Type.Integer({ description: 'sets of stimuli that sites saw, each fitted apart' }),
  unfiltered: Type.Optional(
    Type.Array(strict({ layer: Type.String(), correlation: ref(Aggregate), explainedVariance: ref(Aggregate) }), { description: 'with minCeiling: the scores of all sites before it' }),
  ),
})

export const FitScores = strict({
  split: Type.String(),
  population: Type.Optional(Population),
  ceiling: Nullable(
    strict({
      method: Type.String(),
      median: Score,
      splitHalf: strict({ draws: Type.Integer(), seed: Type.Integer(), median: Score }, { description: 'split-half reliability, beside the analytic one that serves as ceiling' }),
      earlyLate: Type.Optional(
        strict({ median: Score, difference: Score, drifts: Type.Boolean() }, { description: 'first against last repetitions; difference: the ceiling less it, median over sites; drifts: over .05' }),
      ),
      'splitHalf-brainscore': Type.Optional(strict({ splits: Type.Integer(), seed: Type.Integer(), score: Score, errorOverSplits: Score })),
      explainableVariance: Type.Optional(strict({ median: Score }, { description: 'of a single trial' })),
      sites: Type.Array(strict({ id: Type.String(), rho: Score, splitHalf: Score, earlyLate: Further, 'splitHalf-brainscore': Further, explainableVariance: Further, reasons: Reasons })),
    }),
  ),
  layers: Layers,
  generalisation: Type.Record(Type.String(), strict({ split: Type.String(), layers: Layers, bestLayer: Type.Optional(ref(BestLayer)), leakage: Type.Optional(Leakage) })),
  controls: strict({
    pixels: Type.Optional(strict({ layers: Layers })),
    random: Type.Optional(
      strict({
        seeds: Type.Array(strict({ seed: Type.Integer(), layers: Layers })),
        summary: Type.Array(strict({ layer: Type.String(), mean: Score, range: Interval, differences: Type.Array(Score) })),
      }),
    ),
  }),
  bestLayer: Nullable(ref(BestLayer)),
  differences: Type.Optional(Type.Array(Difference)),
  permutation: Type.Optional(Permutation),
  leakage: Leakage,
  reduction: Type.Optional(
    strict(
      {
        dimensions: Type.Integer(),
        seed: Type.Integer(),
        layers: Type.Array(strict({ layer: Type.String(), units: Type.Integer(), dimensions: Type.Integer(), distortion: Type.Number({ description: 'share by which squared distances may be off; 0: not reduced' }) })),
      },
      { description: 'of a fit from reduced activations' },
    ),
  ),
  protocol: Nullable(Type.String()),
  brainScore: Type.Optional(
    strict(
      {
        ceiling: strict({ method: Type.String(), score: Score, errorOverSplits: Score, reason: Type.Optional(Type.String()) }),
        layers: Type.Array(strict({ layer: Type.String(), raw: Score, 'r/c': Score, '(r/c)²': Score, 'r²/c': Score, errorOverSplits: Score, splits: Type.Array(Score) })),
      },
      { description: 'under the protocol "brain-score": median over sites of r in each split, mean over splits, in each revision of the ceiling' },
    ),
  ),
  registration: Type.Optional(
    Nullable(strict({ ...Registration.properties, run: Type.Integer({ description: '1: the registered fit; 2: the next one under its registration; …' }), deviations: Type.Array(Deviation) })),
  ),
  provenance: Type.Record(Type.String(), Type.Unknown()),
  warnings: Type.Array(Type.String()),
}, { $id: 'FitScores' })
