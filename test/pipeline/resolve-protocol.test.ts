import t from 'tap'
import type { ProblemCode } from '../../src/domain/errors.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import { brainScoreReport } from '../../src/pipeline/brain-score-report.ts'
import { layerScores } from '../helper/service-fixtures.ts'
import { manifestOf, resolved } from './fixtures.ts'

const metadata = (row: number) => ({ object_name: `object ${row % 3}`, split: row % 5 === 0 ? 'val' : 'train' })
const manifest = manifestOf({ stimuli: 60, metadata, groupingColumns: ['object_name'] })

t.test('brain-score sets what it sets, and leaves the rest', (t) => {
  const request = resolved({ protocol: 'brain-score', layers: ['features.3'], encoder: 'none' }, manifest)
  t.match(request, { protocol: 'brain-score', groupDuplicates: false, layers: ['features.3'], encoder: 'none', alsoBy: ['object_name'], selectBy: 'correlation.median' })
  t.strictSame(request.split, { scheme: 'stratifiedshufflesplit', splits: 10, seed: 1, trainSize: 0.9, by: 'object_name' })
  t.strictSame(request.mapping, { method: 'pls', components: 25, yScale: 'none', perSite: false, solver: 'exact', inner: { folds: 5 } })
  t.match(resolved({ protocol: 'brain-score', mapping: { solver: 'nipals-sklearn', pca: 1000 } }, manifest).mapping, { method: 'pls', components: 25, solver: 'nipals-sklearn', pca: 1000 })
  t.strictSame(resolved({ protocol: 'brain-score', mapping: { method: 'ridge' } }, manifest).mapping, { method: 'ridge', alphas: [1], alphaUnits: 'absolute', alphaPer: 'all', inner: { folds: 5 } })
  t.end()
})

t.test('nx414 too, its control on all pixels', (t) => {
  const request = resolved({ protocol: 'nx414', controls: ['pixels'] }, manifest)
  t.match(request, { protocol: 'nx414', groupDuplicates: false, selectBy: 'explainedVariance.mean', split: { scheme: 'given', by: 'split' }, controls: [{ name: 'pixels', pooling: 'none' }] })
  const { mapping } = request
  if (mapping.method !== 'ridge') return t.fail('ridge')
  const { alphas, ...rest } = mapping
  t.strictSame(rest, { method: 'ridge', alphaUnits: 'absolute', alphaPer: 'all', sharedLoss: 'raw', inner: { folds: 5, stratified: { by: 'object_name', seed: 42 } }, pca: 1000 })
  t.equal(alphas.length, 100)
  t.ok(Math.abs(alphas[0] - 1e-3) < 1e-15 && Math.abs(alphas[99] / 1e6 - 1) < 1e-14 && Math.abs(alphas[11] / 1e-2 - 1) < 1e-14)
  t.notOk('protocol' in resolved({}, manifest), 'none unless asked for')
  t.match(resolved({ controls: ['pixels'] }).controls, [{ pooling: { grid: 28 } }])
  t.end()
})

const single = manifestOf({ metadata: (row) => ({ object_name: row < 2 ? `lone ${row}` : 'chair' }), groupingColumns: ['object_name'] })
const refusals: [what: string, request: Partial<FitRequest>, code: ProblemCode, pointer: string, message: RegExp, manifest?: ReturnType<typeof manifestOf>][] = [
  ['no such protocol', { protocol: 'brainscore' }, 'invalid-value', '/protocol', /"brain-score" or "nx414"/],
  ['a split of its own', { protocol: 'brain-score', split: { scheme: 'kfold' } }, 'invalid-value', '/split', /^split is set by the protocol "brain-score"/],
  ['duplicates kept together', { protocol: 'nx414', groupDuplicates: true }, 'invalid-value', '/groupDuplicates', /set by the protocol "nx414"/],
  ['other components', { protocol: 'brain-score', mapping: { components: 10 } }, 'invalid-value', '/mapping/components', /mapping\/components is set by the protocol/],
  ['other penalties', { protocol: 'brain-score', mapping: { method: 'ridge', alphas: [10] } }, 'invalid-value', '/mapping/alphas', /set by/],
  ['another method', { protocol: 'brain-score', mapping: { method: 'linear' } }, 'invalid-value', '/mapping/method', /"pls" or "ridge"/],
  ['a solver of PLS for ridge', { protocol: 'brain-score', mapping: { method: 'ridge', solver: 'nipals-sklearn' } }, 'invalid-value', '/mapping/solver', /"reference", or left out, for ridge/],
  ['a mapping beside nx414', { protocol: 'nx414', mapping: { pca: 100 } }, 'invalid-value', '/mapping', /set by/],
  ['a grid for its pixels', { protocol: 'nx414', controls: ['random', { name: 'pixels', pooling: { grid: 28 } }] }, 'invalid-value', '/controls/1/pooling', /set by/],
  ['objects of one stimulus', { protocol: 'brain-score' }, 'too-few-stimuli', '/protocol', /one of lone 0, lone 1\./, single],
  ['no objects', { protocol: 'brain-score' }, 'invalid-value', '/protocol', /needs the metadata column "object_name"/, manifestOf()],
  ['no given split', { protocol: 'nx414' }, 'invalid-value', '/protocol', /needs the metadata column "split"/, single],
  ['two regions', { protocol: 'brain-score', sites: { ids: ['a', 'b'] } }, 'choose-sites', '/sites', /one region at a time; .* V4, IT/, manifestOf({ regions: ['V4', 'IT'], metadata })],
] // prettier-ignore

t.test('refusals name the field', (t) => {
  for (const [what, request, code, pointer, message, on = manifest] of refusals) t.throws(() => resolved(request, on), { code, message, errors: [{ pointer }] }, what)
  t.end()
})

t.test('without repetitions there is no ceiling, and so no revision but the raw one', (t) => {
  const request = resolved({ protocol: 'brain-score' }, manifest)
  const { brainScore } = brainScoreReport(request, [layerScores('a', 0.3)], null)
  t.match(brainScore, { ceiling: { score: null, reason: 'no repetitions' }, layers: [{ layer: 'a', 'r/c': null, '(r/c)²': null, 'r²/c': null }] })
  t.strictSame(brainScoreReport(resolved({}, manifest), [layerScores('a', 0.3)], null), {})
  t.end()
})
