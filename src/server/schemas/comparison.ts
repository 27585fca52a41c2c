import { Type } from 'typebox'
import { Nullable, ref, strict } from './common.ts'
import { FitEstimate, FitRequest, FitView, fitStatuses } from './fit.ts'
import { Aggregate, LayerScores, PairedDifference } from './scores.ts'

const { weights, seed, layers, pooling, mapping, split, sites, alsoBy, groupDuplicates, placement, selectBy, protocol, reduction, engine } = FitRequest.properties
const { animal, minCeiling } = sites.properties

const Areas = Type.Enum(['search', 'name'], { description: '"search" (default): the layer that nested choice prefers; "name": of a CORnet, the area that bears the name of the region' })
const Step = Type.Union([Type.Enum(['last', 'all', 'brain-score']), Type.Integer({ minimum: 0 })], {
  description: 'of "areas": "name": the last time step (default), all of them, the one with that number, or the one that Brain-Score\'s timing puts into the window of the responses',
})

// Shapes only: planComparison and resolveFit tell what fits together.
export const BackboneComparison = strict({
  dataset: Type.String(),
  backbones: Type.Array(
    strict({
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'in the table' })),
      backbone: Type.String(),
      weights,
      seed,
      layers,
      pooling,
      areas: Type.Optional(Areas),
      step: Type.Optional(Step),
    }),
    { minItems: 1, maxItems: 400 },
  ),
  regions: Type.Optional(Type.Array(Type.String(), { maxItems: 400, description: 'all regions of the dataset unless said' })),
  sites: Type.Optional(strict({ animal, minCeiling })),
  pooling,
  mapping,
  split,
  alsoBy,
  groupDuplicates,
  placement,
  selectBy,
  protocol,
  reduction,
  engine,
})

const { status, error } = FitView.properties
const Progress = FitView.properties.progress

export const ComparisonView = Type.Object({
  id: Type.String(),
  status: Type.Enum([...fitStatuses], { description: '"running" as long as some fit has not ended, "failed" where one of them failed' }),
  dataset: Type.String(),
  request: Type.Unsafe<object>({ type: 'object', description: 'the request with its names, regions and weights filled in' }),
  progress: strict({ done: Type.Integer(), total: Type.Integer(), etaSeconds: Nullable(Type.Number({ description: 'if the others take as long as those that succeeded, on average' })) }, { description: 'fits that ended, of all' }),
  fits: Type.Array(
    strict({
      name: Type.String(),
      region: Type.String(),
      fit: Type.String(),
      status,
      reused: Type.Boolean({ description: 'it was there already, or on its way' }),
      progress: Progress,
      error,
    }),
  ),
  createdAt: Type.String({ format: 'date-time' }),
  finishedAt: Nullable(Type.String({ format: 'date-time' })),
}, { $id: 'ComparisonView' })

export const ComparisonEstimate = Type.Object({
  ...FitEstimate.properties,
  seconds: Type.Number({ description: 'of all fits that have to be run, one after the other' }),
  total: Type.Integer({ description: 'fits' }),
  reused: Type.Integer({ description: 'of them need not be run' }),
})

const Score = Nullable(Type.Number())
const Interval = Nullable(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }))
const { median, mean, error: errorOverSplits, intervalOf } = Aggregate.properties

const Depth = strict(
  { operations: Nullable(Type.Integer()), of: Nullable(Type.Integer()), relative: Score, reason: Type.Optional(Type.String({ description: 'why a number is null' })) },
  { description: 'convolutions and linear layers on the longest way from the input to the layer, time steps unrolled; of the whole network; the ratio' },
)
const { ceiled: Ceiled } = LayerScores.properties
const LayerScore = strict({ median, mean, error: errorOverSplits, interval: Interval, intervalOf })

export const BackboneRow = strict({
  name: Type.String(),
  backbone: Type.String(),
  weights: Type.String(),
  areas: Areas,
  region: Type.String(),
  fit: Type.String(),
  status,
  error,
  parameters: Nullable(Type.Integer()),
  imageNetTop1: strict({ value: Score, source: Nullable(Type.String()), note: Nullable(Type.String()), reason: Type.Optional(Type.String()) }),
  layer: Nullable(Type.String({ description: 'that nested choice prefers on all stimuli' })),
  depth: Nullable(Depth),
  sites: Nullable(Type.Integer()),
  ceiling: Nullable(strict({ method: Type.String(), median: Score })),
  ceiled: Nullable(Ceiled),
  reasons: Type.Record(Type.String(), Type.String(), { description: 'why a number beside it is null, by its name' }),
  scores: Type.Array(
    strict({
      split: Type.String(),
      by: Nullable(Type.String({ description: "the column whose groups were held out whole; null: the comparison's own split" })),
      layer: Type.String(),
      timesChosen: Type.Record(Type.String(), Type.Integer()),
      correlation: ref(Aggregate),
      explainedVariance: ref(Aggregate),
    }),
    { description: 'of the nested choice of layer, under each division' },
  ),
  layers: Type.Array(
    strict({ layer: Type.String(), area: Nullable(Type.String()), timeStep: Nullable(Type.Integer()), units: Type.Integer(), depth: Depth, correlation: LayerScore, explainedVariance: LayerScore }),
    { description: 'each layer by itself: score against depth' },
  ),
}, { $id: 'BackboneRow' })

const SiteDifference = strict({
  mean: ref(PairedDifference),
  median: Score,
  higher: Type.Integer({ description: 'sites that a predicts better' }),
  lower: Type.Integer({ description: 'sites that b predicts better' }),
})
const PerSite = Type.Record(Type.String(), Type.Array(Score), { description: 'name of the backbone -> one number per site' })

export const ComparisonScores = strict({
  id: Type.String(),
  dataset: Type.String(),
  rows: Type.Array(ref(BackboneRow)),
  topOne: Type.Array(
    strict({
      region: Type.String(),
      split: Type.String(),
      by: Nullable(Type.String()),
      score: Type.Enum(['correlation.median', 'explainedVariance.mean']),
      backbones: Type.Integer(),
      r: Score,
      interval: Interval,
      reason: Type.Optional(Type.String()),
    }),
    { description: "Pearson's r over backbones of ImageNet top-1 with the score; 95 % by Fisher's transformation" },
  ),
  differences: Type.Array(
    strict({
      region: Type.String(),
      a: Type.String(),
      b: Type.String(),
      sites: Type.Integer(),
      correlation: ref(PairedDifference),
      explainedVariance: ref(PairedDifference),
      perSite: strict({ correlation: SiteDifference, explainedVariance: SiteDifference }),
    }),
    { description: 'a less b by their nested choices, on the same stimuli and bootstrap draws; pHolm over all pairs of a region and score' },
  ),
  sites: Type.Array(strict({ region: Type.String(), ids: Type.Array(Type.String()), correlation: PerSite, explainedVariance: PerSite })),
  definitions: Type.Record(Type.String(), Type.String()),
  warnings: Type.Array(Type.String()),
}, { $id: 'ComparisonScores' })
