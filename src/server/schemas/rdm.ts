import { Type } from 'typebox'
import { noiseEstimates, rdmComparisons, rdmDistances, rdmKinds } from '../../domain/rdm.ts'
import { Nullable, ref, streamed, strict } from './common.ts'
import { FitRequest } from './fit.ts'

const { sites, weights, seed, pooling } = FitRequest.properties

// Shapes only: which fields belong to a kind, resolveSource tells.
export const Source = strict({
  kind: Type.String({ description: '"responses", "activations" or "predicted"' }),
  dataset: Type.Optional(Type.String({ description: 'of responses and activations' })),
  sites,
  zscore: Type.Optional(Type.Boolean({ description: 'each site over what is compared; true unless said, of responses and predicted' })),
  missing: Type.Optional(Type.String({ description: 'of responses, where sites never saw some stimuli: "refuse" (default), "sharedStimuli" or "completeSites"' })),
  backbone: Type.Optional(Type.String()),
  weights,
  seed,
  layer: Type.Optional(Type.String({ description: 'of activations and predicted' })),
  layers: Type.Optional(Type.Union([Type.Literal('default'), Type.Literal('all'), Type.Array(Type.String(), { maxItems: 2000 })], { description: 'several layers in one pass, each an RDM of its own; of POST /rdms only' })),
  pooling,
  fit: Type.Optional(Type.String({ description: 'of predicted' })),
})

export const RdmRequest = strict({
  of: Source,
  distance: Type.Optional(Type.Enum([...rdmDistances], { description: '1 - Pearson (default), Euclidean, 1 - cosine, or cross-validated over repetitions' })),
  noise: Type.Optional(Type.Enum([...noiseEstimates], { description: 'of crossnobis: the noise covariance that distances are divided by; "none" unless said' })),
  by: Type.Optional(Type.String({ description: '"stimulus" (default) or a metadata column: the mean of each value comes first' })),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
})

/** The parts of a given RDM's form, for the documentation: the recipe itself checks them. */
export const RdmUpload = streamed({
  type: 'object',
  properties: {
    file: { type: 'string', format: 'binary', description: 'a square array, or its upper triangle as pdist gives it: .npy, .npz, .csv, or .mat of MATLAB 5 to 7' },
    labels: { type: 'string', format: 'binary', description: 'CSV with stimulus_id, a line per row, where the file does not name its rows' },
    dataset: { type: 'string', description: 'the rows are its stimuli; in its order where nothing names them' },
    variable: { type: 'string', description: 'which array of the file', examples: ['RDMs(1,2).RDM'] },
    by: { type: 'string', default: 'stimulus' },
    distance: { type: 'string', description: 'what its values are, in your words' },
    name: { type: 'string' },
  },
  required: ['file'],
  additionalProperties: false,
})

const summary = {
  id: Type.String(),
  name: Type.String(),
  kind: Type.Enum([...rdmKinds]),
  n: Type.Integer({ description: 'rows' }),
  by: Type.String(),
  distance: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
}

export const RdmSummary = strict(summary, { $id: 'RdmSummary' })

export const RdmView = strict({
  ...summary,
  labels: Type.Array(Type.String(), { description: 'of its rows: stimulus ids, or values of the column' }),
  of: Type.Unsafe<object | null>({ type: ['object', 'null'], description: 'what it is of, with every default filled in; null where it was given' }),
  undefinedPairs: Type.Integer(),
  animals: Type.Array(Type.String(), { description: 'animals whose own RDMs are stored with it: 3 or more, else none' }),
  warnings: Type.Array(Type.String()),
  provenance: Type.Record(Type.String(), Type.Unknown()),
}, { $id: 'RdmView' })

export const rdmFormats = ['json', 'csv', 'npz'] as const

export const RdmValues = Type.Object({
  id: Type.String(),
  by: Type.String(),
  labels: Type.Array(Type.String()),
  percentiles: Type.Boolean(),
  values: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()])), { description: 'row x row; null where a pair has no value, and on the diagonal of percentiles' }),
}, { $id: 'RdmValues' })

export const ComparisonRequest = strict({
  a: Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 100 })], { description: 'the RDM that the others are compared with, or those of several animals' }),
  b: Type.Array(Type.String(), { maxItems: 100 }),
  comparison: Type.Optional(Type.Enum([...rdmComparisons], { description: 'of the upper triangles; "spearman" unless said; "kendall" is τ-a' })),
  draws: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'of the bootstrap over rows; 1000 unless said, 0 for no intervals' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })),
})

const Score = Nullable(Type.Number())
const Interval = Nullable(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }))
const shown = { id: summary.id, name: summary.name, kind: summary.kind, distance: summary.distance }

export const ComparedRdm = strict({
  ...shown,
  value: Nullable(Type.Number({ description: 'agreement with `a`; where that is several animals, the mean over them' })),
  reason: Nullable(Type.String({ description: 'why the value is null' })),
  interval: Interval,
  pairs: Type.Integer({ description: 'of which both have a value' }),
  animals: Nullable(strict({ mean: Score, each: Type.Array(strict({ animal: Type.String(), value: Score })) })),
}, { $id: 'ComparedRdm' })

export const RdmComparisonReport = strict({
  comparison: Type.Enum([...rdmComparisons]),
  by: Type.String(),
  n: Type.Integer(),
  a: Type.Array(strict(shown)),
  results: Type.Array(ref(ComparedRdm)),
  ceiling: Type.Unsafe<object>({
    type: 'object',
    description: '`leave-one-animal-out` with `lower` and `upper` for 3 or more animals, `split-half` with `reliability` where there are repetitions, else `method: null` with the `reason`',
  }),
  differences: Type.Array(strict({ first: Type.String(), second: Type.String(), difference: Score, interval: Interval, p: Score }), { description: 'first less second, from the same draws' }),
  bootstrap: Nullable(strict({ draws: Type.Integer(), seed: Type.Integer(), method: Type.String() })),
  warnings: Type.Array(Type.String()),
}, { $id: 'RdmComparisonReport' })

export const CkaRequest = strict({ a: Source, b: Source, by: RdmRequest.properties.by })

const CkaSide = strict({ kind: summary.kind, name: Type.String(), of: Type.Unsafe<object>({ type: 'object' }), provenance: Type.Record(Type.String(), Type.Unknown()) })

export const CkaReport = strict({
  biased: Score,
  unbiased: Score,
  reason: Nullable(Type.String({ description: 'why a number is null' })),
  by: Type.String(),
  n: Type.Integer(),
  a: CkaSide,
  b: CkaSide,
  warnings: Type.Array(Type.String()),
}, { $id: 'CkaReport' })
