import { Type } from 'typebox'
import { Nullable, strict, streamed } from './common.ts'

/** What is asked of a classification; the images are the body. */
export const ClassificationQuery = strict({
  backbone: Type.String(),
  weights: Type.Optional(Type.String({ description: '`pretrained` unless said, `random`, or `sha256:…`' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, description: 'of random weights, of divisions and of untrained heads; 0 unless said' })),
  head: Type.Optional(Type.Enum(['own', 'trained'], { description: '`own` unless said: the network’s own classes; `trained`: a new linear head for the classes of the images' })),
  layer: Type.Optional(Type.String({ description: 'that a trained head reads; what the network’s last linear layer reads, unless said' })),
  resize: Type.Optional(Type.Integer({ minimum: 1, description: 'pixels of the shorter side before the crop; as published with the weights unless said' })),
  filter: Type.Optional(Type.Enum(['bilinear', 'bicubic'])),
  heldOut: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'share of the training images that C is chosen by; 0.2 unless said' })),
  test: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'share of the images that test a trained head, where no folders train and test divide them; 0.2 unless said' })),
  perClass: Type.Optional(Type.Boolean({ description: 'the accuracy of each class too' })),
})

export const ClassificationUpload = streamed({
  type: 'object',
  properties: {
    images: { type: 'string', format: 'binary', description: 'zip of images in a folder per class, named by WordNet id or number of the output; for a trained head by anything, under train and test or not' },
    labels: { type: 'string', format: 'binary', description: 'CSV of image and label, where the folders are not the classes' },
  },
  required: ['images'],
  additionalProperties: false,
})

const Interval = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })
const Accuracy = strict({ value: Type.Number(), interval: Interval, correct: Type.Integer(), images: Type.Integer() }, { description: 'a fraction, with Wilson’s 95 % interval over the images' })
const Chance = strict({ mean: Type.Number(), interval: Interval, lowest: Type.Number(), highest: Type.Number() }, { description: 'over the untrained heads: mean with its 95 % interval, and extremes' })

const OwnHead = strict({
  kind: Type.Literal('own'),
  layer: Type.String(),
  published: Nullable(strict({ top1: Type.Number(), source: Type.String(), version: Type.String() }, { description: 'not recomputed' })),
})

const TrainedHead = strict({
  kind: Type.Literal('trained'),
  layer: Type.String(),
  units: Type.Integer(),
  C: Type.Number({ description: 'inverse penalty, as in scikit-learn’s LogisticRegression' }),
  path: Type.Array(strict({ C: Type.Number(), top1: Type.Number(), top5: Nullable(Type.Number()), logLoss: Type.Number(), iterations: Type.Integer(), converged: Type.Boolean() }), { description: 'held-out accuracy at each C tried' }),
  heldOut: Type.Integer({ description: 'training images that C was chosen by' }),
  fitted: Type.Integer({ description: 'training images that the heads were fitted to meanwhile' }),
  train: Type.Integer({ description: 'images that the head was fitted to' }),
  test: Type.Integer(),
  division: Type.String(),
  objective: Type.Number(),
  iterations: Type.Integer(),
  converged: Type.Boolean(),
  untrained: strict({ heads: Type.Integer(), seed: Type.Integer(), chance: strict({ top1: Type.Number(), top5: Nullable(Type.Number()) }), top1: Chance, top5: Nullable(Chance) }, { description: 'the control' }),
})

export const ClassificationReport = strict(
  {
    input: Type.String(),
    layout: Type.String(),
    backbone: Type.String(),
    weights: Type.String({ description: '`sha256:…` or `random:SEED:REVISION`' }),
    preprocessing: Type.Union([
      strict({ kind: Type.Literal('crop'), resize: Type.Integer(), crop: Type.Integer(), filter: Type.Enum(['bilinear', 'bicubic']), from: Type.String() }),
      strict({ kind: Type.Literal('squash'), side: Type.Integer(), filter: Type.Literal('bilinear') }),
    ]),
    head: Type.Union([OwnHead, TrainedHead]),
    accuracies: strict({
      images: Type.Integer(),
      classes: Type.Integer(),
      top1: Accuracy,
      top5: Nullable(Accuracy),
      top5Reason: Nullable(Type.String()),
      perClass: Type.Optional(Type.Array(strict({ label: Type.String(), name: Type.Optional(Type.String()), images: Type.Integer(), top1: Type.Number(), top5: Nullable(Type.Number()) }))),
    }),
    refused: Type.Array(strict({ image: Type.String(), detail: Type.String() }), { description: 'images that could not be read; they count in no accuracy' }),
    warnings: Type.Array(Type.String()),
  },
  { $id: 'ClassificationReport' },
)
