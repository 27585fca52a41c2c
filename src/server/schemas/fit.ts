import { Type } from 'typebox'
import { BACKBONE_DEGREES, placements } from '../../domain/placement.ts'
import { engineNames } from '../../domain/engine.ts'
import { Nullable, strict } from './common.ts'

const Seed = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })
const Pooling = Type.Union([Type.Literal('none'), strict({ grid: Type.Integer({ minimum: 1, maximum: 1024 }) })])

// Shapes only: which names and values fit together depends on the dataset and the backbone, and resolveFit tells.
const Layers = Type.Union([Type.Literal('default'), Type.Literal('all'), Type.Array(Type.String(), { maxItems: 2000 })])

export const FitRequest = strict({
  dataset: Type.String(),
  backbone: Type.String(),
  weights: Type.Optional(Type.String({ description: '"pretrained" (default), "random" or "sha256:…"' })),
  seed: Type.Optional(Seed),
  layers: Type.Optional(Layers),
  pooling: Type.Optional(Pooling),
  alongside: Type.Optional(
    Type.Array(strict({ backbone: Type.String(), weights: Type.Optional(Type.String()), seed: Type.Optional(Seed), layers: Type.Optional(Layers), pooling: Type.Optional(Pooling) }), {
      maxItems: 50,
      description: 'further networks whose layers join the fit, as NETWORK:LAYER',
    }),
  ),
  mapping: Type.Optional(
    strict({
      method: Type.Optional(Type.String({ description: '"ridge" (default), "linear" or "pls"; of all layers together "banded" (a weight per layer) or "auto" (the best encoder that the layers give)' })),
      alphas: Type.Optional(Type.Array(Type.Number(), { maxItems: 1000 })),
      alphaUnits: Type.Optional(Type.Enum(['relative', 'absolute'])),
      alphaPer: Type.Optional(Type.Enum(['site', 'all'])),
      candidates: Type.Optional(Type.Integer({ description: 'of banded: weight vectors drawn, besides equal weights and each layer alone; 50 by default' })),
      seed: Type.Optional(Seed),
      weights: Type.Optional(Type.Record(Type.String(), Type.Number(), { description: 'of banded: the weight of each layer, instead of a search' })),
      weightsPer: Type.Optional(Type.Enum(['site', 'all'], { description: 'of banded: each site its own weights, or all the same' })),
      windows: Type.Optional(Type.Integer({ description: 'of auto: side of the lattice of places of the image that are bands of their own; 4 by default, 0: none' })),
      components: Type.Optional(Type.Integer({ description: 'of pls; 25 by default' })),
      yScale: Type.Optional(Type.Enum(['site', 'none'], { description: 'of pls' })),
      perSite: Type.Optional(Type.Boolean({ description: 'of pls: each site by itself' })),
      solver: Type.Optional(
        Type.Enum(['exact', 'nipals-sklearn', 'reference'], {
          description: 'of pls "exact" (default) or "nipals-sklearn"; of ridge, linear and pls "reference": ml-matrix, ml-pca and ml-pls on the activations themselves, a cross-check for layers of at most 10^6 values (stimuli times units)',
        }),
      ),
      pca: Type.Optional(
        Type.Union([Type.Integer(), strict({ components: Type.Integer(), fitOn: Type.Optional(Type.Enum(['train', 'all'])) })], {
          description: 'fit on the scores of so many principal components of the training rows; "fitOn": "all" takes those of all stimuli, test rows included, as pipelines do that fit PCA before they split',
        }),
      ),
      inner: Type.Optional(
        Type.Union([strict({ folds: Type.Optional(Type.Integer()) }), Type.Literal('loo'), Type.Literal('gcv')], {
          description: 'folds of the training rows (5 by default); of ridge also "loo" and "gcv", which choose the penalty in closed form',
        }),
      ),
    }),
  ),
  split: Type.Optional(
    strict({
      scheme: Type.String({
        description:
          '"kfold" (default), "stratifiedkfold", "shufflesplit", "stratifiedshufflesplit", "groupkfold", "groupshufflesplit", "leaveonegroupout" or "given"; index for index those of scikit-learn for the same seed',
      }),
      folds: Type.Optional(Type.Integer({ description: 'of the k-fold schemes; 10 by default' })),
      shuffle: Type.Optional(Type.Boolean({ description: 'of "kfold" and "stratifiedkfold"; true by default' })),
      splits: Type.Optional(Type.Integer({ description: 'how many random divisions; 10 by default, 5 of groups' })),
      trainSize: Type.Optional(Type.Number({ description: 'share of the stimuli (or groups) that random divisions fit' })),
      testSize: Type.Optional(Type.Number({ description: 'share that they hold out; a tenth by default, of groups a fifth' })),
      seed: Type.Optional(Seed),
      by: Type.Optional(Type.String({ description: 'metadata column that is grouped or stratified by, or, of "given", that says "train" or "test"' })),
    }),
  ),
  sites: Type.Optional(
    strict({
      region: Type.Optional(Type.String()),
      animal: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 1000 })], { description: 'one animal or several' })),
      ids: Type.Optional(Type.Array(Type.String(), { maxItems: 100_000 })),
      minCeiling: Type.Optional(
        Type.Number({ description: 'least reliability of a site to be reported; all sites are fitted, and population.unfiltered has the scores without this choice' }),
      ),
    }, { description: 'conditions that must all hold' }),
  ),
  controls: Type.Optional(
    Type.Array(Type.Union([Type.String(), strict({ name: Type.String(), pooling: Type.Optional(Pooling), seeds: Type.Optional(Type.Array(Seed, { maxItems: 100 })) })]), {
      maxItems: 10,
      description: 'out of "pixels", "random" (5 seeds)',
    }),
  ),
  alsoBy: Type.Optional(Type.Array(Type.String(), { maxItems: 100, description: 'metadata columns of further grouped splits' })),
  groupDuplicates: Type.Optional(Type.Boolean()),
  placement: Type.Optional(
    Type.Enum([...placements], {
      description: `how images come into the backbone's square: fill it; degrees: at their size, in a field of ${BACKBONE_DEGREES} degrees, padded with the dataset's backgroundRgb or cut (needs its visualDegrees); pad-square: whole, padded to a square`,
    }),
  ),
  encoder: Type.Optional(Type.String({ description: '"best", a layer, or "none"' })),
  protocol: Type.Optional(
    Type.String({ description: '"brain-score" or "nx414": sets the split, the mapping and groupDuplicates, which are then left out; "brain-score" allows {"method": "ridge"}, {"solver": "nipals-sklearn"} and {"pca": …} of the mapping' }),
  ),
  selectBy: Type.Optional(Type.Enum(['correlation.median', 'explainedVariance.mean'])),
  reduction: Type.Optional(
    strict(
      { dimensions: Type.Optional(Type.Integer({ description: 'at most 8192' })), seed: Type.Optional(Seed) },
      { description: 'fit in primal form on activations reduced by sparse random projection; by default from 8,001 stimuli on' },
    ),
  ),
  permutations: Type.Optional(
    strict({ count: Type.Optional(Type.Integer({ description: '1000 by default' })), seed: Type.Optional(Seed) }, { description: 'a permutation test with the maximum statistic over layers and sites; none by default' }),
  ),
  engine: Type.Optional(
    Type.Enum([...engineNames], { description: 'what computes the networks: "onnx" (onnxruntime) or "tfjs" (TensorFlow.js); by default what the service is set to (VENTRAL_ENGINE). Their values agree to about 1e-5 and are never mixed' }),
  ),
  layerFrom: Type.Optional(Type.String({ description: "a finished fit of another dataset, whose best layer is taken: no choice is then made on this dataset's responses" })),
})

export const Registration = strict({
  id: Type.String(),
  sha256: Type.String({ description: 'of the frozen text' }),
  registeredAt: Type.String({ format: 'date-time' }),
})

export const fitStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

export const FitView = Type.Object({
  id: Type.String(),
  status: Type.Enum([...fitStatuses]),
  dataset: Type.String(),
  backbone: Type.String(),
  progress: Nullable(strict({ stage: Type.String(), done: Type.Number(), total: Type.Number(), etaSeconds: Nullable(Type.Number()) })),
  request: Type.Unsafe<object>({ type: 'object', description: 'the request with every default filled in' }),
  encoder: Nullable(Type.String()),
  error: Nullable(
    strict({ code: Type.String(), detail: Type.String(), errors: Type.Array(strict({ pointer: Type.String(), expected: Type.String(), found: Type.String() })) }),
  ),
  createdAt: Type.String({ format: 'date-time' }),
  startedAt: Nullable(Type.String({ format: 'date-time' })),
  finishedAt: Nullable(Type.String({ format: 'date-time' })),
  peakRssBytes: Nullable(Type.Integer()),
  registration: Nullable(Registration),
}, { $id: 'FitView' })

export const FitEstimate = Type.Object({
  memoryBytes: Type.Number(),
  diskBytes: Type.Number(),
  seconds: Type.Number(),
  fits: Type.Boolean({ description: 'whether it fits this machine as it is set up' }),
  warnings: Type.Array(Type.String()),
})

export const RegistrationView = Type.Object({
  ...Registration.properties,
  canonical: Type.String({ description: 'the frozen text: canonical JSON (RFC 8785) of the resolved request, the sha256 of dataset and weights, and versions' }),
  fits: Type.Array(strict({ id: Type.String(), status: Type.Enum([...fitStatuses]), createdAt: Type.String({ format: 'date-time' }) }), {
    description: 'every fit under the registration, the registered one first',
  }),
})
