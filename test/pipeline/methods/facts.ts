import type { FitRequest, ResolvedFit } from '../../../src/domain/fit.ts'
import type { FitScores } from '../../../src/domain/fit-scores.ts'
import type { MethodsFacts } from '../../../src/pipeline/methods/facts.ts'
import { scores } from '../../helper/service-fixtures.ts'
import { manifestOf, resolved } from '../fixtures.ts'

const sha = (digit: string): string => digit.repeat(64)

const provenance = {
  versions: { ventral: '1.2.3', node: '24.1.0', 'onnxruntime-node': '1.30.0' },
  engine: { name: 'onnxruntime-node', version: '1.30.0', device: 'cpu', architecture: 'x64', cpu: 'A & B 100%', threads: 2 },
  weights: `sha256:${sha('1')}`,
  preprocessing: { resize: { width: 224, height: 224, filter: 'bilinear' }, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], revision: 1 },
  splitsSha256: sha('2'),
  formulas: { ridge: 1, correlation: 1, explainedVariance: 1, reliability: 1, bootstrap: 2, differences: 2 },
  bootstrap: { draws: 1000, seed: 0 },
}

/** Facts of a fit of two layers to three sites of two animals, on which each test changes what it is about. */
export const factsOf = ({ request = {}, change = {}, dataset = {} }: { request?: Partial<FitRequest> & Record<string, unknown>; change?: Partial<FitScores>; dataset?: Partial<MethodsFacts['dataset']> } = {}): MethodsFacts => {
  const { mapping, ...others } = request
  const known = resolved({ layers: ['features.2', 'features.7'], ...others }, manifestOf({ metadata: (row) => ({ object_name: `o${row % 3}` }), groupingColumns: ['object_name'], rho: [0.5, 0.6] }))
  const unknown = Object.fromEntries(Object.entries(others).filter(([key]) => !(key in known)))
  return {
    fit: 'f1',
    request: { ...known, ...unknown, ...(mapping === undefined ? {} : { mapping }) } as ResolvedFit,
    scores: { ...scores, provenance, population: { sites: { before: 5, after: 3 }, animals: { Chabo: 2, Tito: 1 }, patterns: 1 }, ...change },
    dataset: {
      name: 'V4 session', sha256: sha('3'), simulated: false, unit: 'count', timeBins: [{ startMs: 50, endMs: 150 }], visualDegrees: 8, backgroundRgb: null,
      stimuli: 30, sites: 9, repetitions: { min: 2, max: 20 }, duplicates: { exact: 1, near: 2 }, ...dataset,
    },
    weights: { [sha('1')]: { source: 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth', licence: 'BSD-3-Clause' } },
    finishedAt: '2026-02-03T04:05:06.000Z',
  } // prettier-ignore
}
