import type { ActivationsVersion } from '../../src/domain/activations.ts'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { Aggregate, FitScores, LayerScores } from '../../src/domain/fit-scores.ts'
import type { AdjustedDifference } from '../../src/domain/scores.ts'
import type { BackboneDescription } from '../../src/pipeline/backbones.ts'
import type { EncoderView } from '../../src/pipeline/encoders.ts'

// Answers with every kind of null that real ones have.
export const dataset: DatasetSummary = {
  id: 'd0',
  name: 'V4 session',
  sha256: '0'.repeat(64),
  images: true,
  stimuli: 10,
  sites: 3,
  regions: { V4: 3 },
  repetitions: { min: 1, max: 1 },
  timeBins: [{ startMs: 50, endMs: 150 }],
  unit: 'count',
  objects: null,
  ceiling: { method: 'analytic', median: null },
  groupingColumns: [],
  simulated: false,
  warnings: [],
  createdAt: '2024-01-01T00:00:00.000Z',
}

export const activations: ActivationsVersion = {
  name: 'clip',
  dataset: 'd0',
  sha256: '1'.repeat(64),
  layers: [{ name: 'activations', shape: [512], units: 512, type: 'f4', sha256: '2'.repeat(64), bytes: 1000 }],
  source: 'clip.npz',
  uploadSha256: '3'.repeat(64),
  createdAt: '2024-01-01T00:00:00.000Z',
}

export const backbone: BackboneDescription = {
  id: 'squeezenet1_1',
  family: 'squeezenet',
  inputSize: 224,
  layerCount: 1,
  weights: [{ sha256: '1'.repeat(64), source: 'upload', licence: null, format: 'pth', bytes: 5 }],
  preprocessing: { resize: { width: 224, height: 224, filter: 'bilinear' }, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], revision: 1 },
  layers: [{ name: 'features.2', shape: [64, 55, 55], units: 193_600, kind: 'pool', default: true }],
}

export const encoder: EncoderView = {
  id: 'e1',
  fit: 'f1',
  dataset: 'd0',
  backbone: 'squeezenet1_1',
  layer: 'features.7',
  unit: 'count',
  sites: [
    { id: 'a', region: 'V4' },
    { id: 'b', region: 'V4' },
  ],
  inputSize: 2,
  files: [{ name: 'model.onnx', sha256: '2'.repeat(64) }],
  provenance: {},
  createdAt: '2024-01-01T00:00:00.000Z',
}

export const registration = { id: 'r1', sha256: '3'.repeat(64), registeredAt: '2024-01-01T00:00:00.000Z' }

const aggregate = (median: number | null, intervalOf: 'median' | 'mean'): Aggregate => ({
  median,
  mean: median,
  error: median === null ? null : 0.01,
  interval: median === null ? null : [median - 0.05, median + 0.05],
  intervalOf,
  splits: [{ median, mean: median }],
  sitesExcluded: 1,
  ...(intervalOf === 'mean' ? { pooledOverFolds: { value: median, interval: null } } : {}),
})
const difference = (value: number | null): AdjustedDifference =>
  value === null ? { difference: null, interval: null, p: null, pHolm: null } : { difference: value, interval: [value - 0.01, value + 0.01], p: 0.002, pHolm: 0.004 }
const ceiled = { median: null, ratioOfMeans: null, sitesExcluded: 3 }

export const layerScores = (layer: string, ev: number | null): LayerScores => ({
  layer,
  units: 100,
  rank: 9,
  correlation: aggregate(ev === null ? null : ev + 0.1, 'median'),
  explainedVariance: aggregate(ev, 'mean'),
  r2: aggregate(ev === null ? null : ev - 0.01, 'mean'),
  feve: { median: 0.3, mean: 0.3, sitesExcluded: 1 },
  feveMean: null,
  poisson: { deviance: { median: 1.5, mean: 1.5, sitesExcluded: 1 }, devianceExplained: { median: 0.2, mean: 0.2, sitesExcluded: 1 }, bitsPerSpike: { median: null, mean: null, sitesExcluded: 2 } },
  reasons: { feveMean: 'made up' },
  ceiled: { rOverSqrtCeiling: ceiled, r2OverCeiling: ceiled, evOverCeiling: ceiled },
  alphasAtEdge: 0,
  sites: [
    { id: 'a', region: 'V4', r: 0.5, ev: 0.25, ceiling: 0.8, alpha: 10, alphaPerSplit: [10, 1], r2: 0.24, rOverSqrtCeiling: 0.56, r2OverCeiling: 0.31, evOverCeiling: 0.31, feve: 0.3, deviance: 1.5, devianceExplained: 0.2, bitsPerSpike: null, reasons: { bitsPerSpike: 'no spikes' } },
    { id: '=b,"x"', region: 'V4', r: null, ev: null, ceiling: null, alpha: null, alphaPerSplit: [null], note: 'constant' },
  ],
})

export const scores: FitScores = {
  split: 'kfold',
  ceiling: { method: 'analytic', median: 0.8, splitHalf: { draws: 100, seed: 0, median: 0.79 }, sites: [{ id: 'a', rho: 0.8, splitHalf: 0.79 }] },
  layers: [layerScores('features.2', 0.2), layerScores('features.7', 0.35)],
  generalisation: { object_name: { split: 'leaveonegroupout by object_name', layers: [layerScores('features.2', null)] } },
  controls: {
    pixels: { layers: [layerScores('pixels', 0.05)] },
    random: { seeds: [{ seed: 1, layers: [layerScores('features.2', 0.1)] }], summary: [{ layer: 'features.2', mean: 0.1, range: [0.1, 0.1], differences: [0.1] }] },
  },
  bestLayer: {
    layer: 'features.7',
    nested: { correlation: aggregate(0.44, 'median'), explainedVariance: aggregate(0.34, 'mean'), timesChosen: { 'features.7': 10 } },
    perSite: { correlation: aggregate(0.46, 'median'), explainedVariance: aggregate(0.36, 'mean'), r2: aggregate(0.35, 'mean'), timesChosen: { 'features.2': 9, 'features.7': 11 }, sites: [{ id: 'a', layer: 'features.7' }] },
    plainMax: { layer: 'features.7', score: 0.45 },
  },
  differences: [{ between: 'random', a: 'features.2', b: 'features.2', seed: 1, correlation: difference(0.1), explainedVariance: difference(0.1), r2: difference(null) }],
  leakage: [{ what: 'alphas', rows: 'inner folds of the training rows', severity: 'none' }],
  protocol: null,
  provenance: { seed: 0 },
  warnings: [],
}
