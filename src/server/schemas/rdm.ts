import { Type } from 'typebox'
import { noiseEstimates, rdmDistances, rdmKinds } from '../../domain/rdm.ts'
import { streamed, strict } from './common.ts'
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
