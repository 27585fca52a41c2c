import t from 'tap'
import type { ProblemCode } from '../../src/domain/errors.ts'
import type { FitRequest, RidgeMapping } from '../../src/domain/fit.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { resolveFit } from '../../src/pipeline/resolve-fit.ts'
import { manifestOf, resolved } from './fixtures.ts'

const objects = (count: number) => (row: number) => `object ${row % count}`
const metadata = (row: number) => ({ object_name: objects(6)(row), category: objects(3)(row), familiar: objects(2)(row) })
const grouped = manifestOf({ metadata, groupingColumns: ['object_name', 'category', 'familiar'] })

t.test('the defaults of the contract', (t) => {
  const halfDecades = [1e-6, 3.1622776601683795e-6, 1e-5, 3.1622776601683795e-5, 1e-4, 3.1622776601683795e-4, 1e-3, 3.1622776601683795e-3, 0.01, 0.031622776601683795, 0.1, 0.31622776601683794,
    1, 3.1622776601683795, 10, 31.622776601683793, 100, 316.22776601683796, 1000, 3162.2776601683795, 1e4, 31622.776601683792, 1e5, 316227.7660168379, 1e6] // prettier-ignore
  const { mapping, ...rest } = resolved()
  t.same(rest, {
    dataset: 'd',
    backbone: 'squeezenet1_1',
    weights: 'pretrained',
    seed: 0,
    layers: ['features.1', 'features.3', 'features.4', 'features.6', 'features.7', 'features.9', 'features.10', 'features.11', 'features.12'],
    pooling: 'none',
    split: { scheme: 'kfold', folds: 10, shuffle: true, seed: 1 },
    sites: {},
    controls: [],
    alsoBy: [],
    groupDuplicates: true,
    placement: 'fill',
    encoder: 'best',
    selectBy: 'correlation.median',
  })
  t.match(mapping, { method: 'ridge', alphaUnits: 'relative', alphaPer: 'site', inner: { folds: 5 } })
  const { alphas } = mapping as RidgeMapping
  t.equal(alphas.length, 25)
  alphas.forEach((alpha, i) => Math.abs(alpha / halfDecades[i] - 1) < 1e-12 || t.fail(`alpha ${i} is ${alpha}`))
  t.end()
})

t.test('a part that is given leaves the defaults of the rest', (t) => {
  t.match(resolved({ mapping: { method: 'ridge', alphas: [10, 0.1, 1] } }).mapping, { alphas: [0.1, 1, 10], alphaUnits: 'relative', alphaPer: 'site', inner: { folds: 5 } })
  t.same(resolved({ mapping: { method: 'ridge', alphas: [1], alphaUnits: 'absolute', alphaPer: 'all', inner: { folds: 3 } } }).mapping, {
    method: 'ridge', alphas: [1], alphaUnits: 'absolute', alphaPer: 'all', inner: { folds: 3 },
  }) // prettier-ignore
  t.same(resolved({ mapping: { method: 'linear', pca: 10 } }).mapping, { method: 'linear', inner: { folds: 5 }, pca: 10 })
  t.match(resolved({ mapping: { alphas: [1] } }).mapping, { method: 'ridge', alphas: [1] })
  t.match(resolved({ mapping: { inner: 'loo' } }).mapping, { method: 'ridge', inner: 'loo' })
  t.match(resolved({ mapping: { method: 'ridge', inner: 'gcv', pca: { components: 7 } } }).mapping, { inner: 'gcv', pca: 7 })
  t.same(resolved({ mapping: { method: 'linear', pca: { components: 7, fitOn: 'all' } } }).mapping, { method: 'linear', inner: { folds: 5 }, pca: { components: 7, fitOn: 'all' } })
  t.same(resolved({ mapping: { method: 'pls' } }).mapping, { method: 'pls', components: 25, yScale: 'site', perSite: false, solver: 'exact', inner: { folds: 5 } })
  t.same(resolved({ split: { scheme: 'kfold', folds: 4 } }).split, { scheme: 'kfold', folds: 4, shuffle: true, seed: 1 })
  t.same(resolved({ split: { scheme: 'kfold', shuffle: false, seed: 0 } }).split, { scheme: 'kfold', folds: 10, shuffle: false, seed: 0 })
  t.same(resolved({ split: { scheme: 'groupkfold', by: 'category' } }, grouped).split, { scheme: 'groupkfold', folds: 10, by: 'category' })
  t.same(resolved({ split: { scheme: 'leaveonegroupout', by: 'category' } }, grouped).split, { scheme: 'leaveonegroupout', by: 'category' })
  t.equal(resolved({ weights: 'random', seed: 7 }).seed, 7)
  t.equal(resolved({ weights: `sha256:${'0a'.repeat(32)}` }).weights, `sha256:${'0a'.repeat(32)}`)
  t.equal(resolved({ encoder: 'none' }).encoder, 'none')
  t.equal(resolved({ layers: ['features.12', 'features.3'], encoder: 'features.3' }).encoder, 'features.3')
  t.end()
})

t.test('controls', (t) => {
  t.same(resolved({ controls: ['pixels', 'random'] }).controls, [{ name: 'pixels', pooling: { grid: 28 } }, { name: 'random', seeds: [1, 2, 3, 4, 5] }])
  t.same(resolved({ controls: [{ name: 'random', seeds: [9, 0] }, { name: 'pixels', pooling: 'none' }], pooling: { grid: 2 } }).controls, [{ name: 'random', seeds: [9, 0] }, { name: 'pixels', pooling: 'none' }])
  t.end()
})

t.test('further grouped splits', (t) => {
  t.same(resolved({}, grouped).alsoBy, ['object_name', 'category'], 'every column but one of two groups, which inner folds could not divide')
  t.same(resolved({ split: { scheme: 'leaveonegroupout', by: 'category' } }, grouped).alsoBy, ['object_name'], "but the split's own")
  t.same(resolved({ alsoBy: [] }, grouped).alsoBy, [])
  t.same(resolved({ alsoBy: ['familiar'] }, grouped).alsoBy, ['familiar'], 'what is asked for is not dropped without a word')
  t.end()
})

t.test('"all" is every layer whose value is its own', (t) => {
  const graph = getBackbone('resnet18')
  const { layers } = resolved({ backbone: 'resnet18', layers: 'all' })
  const nodes = layers.map((layer) => graph.taps.get(layer))
  t.equal(new Set(nodes).size, nodes.length, 'none twice under two names')
  t.equal(nodes.length, new Set(graph.taps.values()).size, 'and none left out')
  t.ok(layers.includes('layer1') && !layers.includes('layer1.1'))
  t.end()
})

const refusals: [what: string, request: Partial<FitRequest>, code: ProblemCode, pointer: string, manifest?: ReturnType<typeof manifestOf>][] = [
  ['weights of no kind', { weights: 'imagenet' }, 'invalid-value', '/weights'],
  ['a shortened sha256', { weights: 'sha256:0123abcd' }, 'invalid-value', '/weights'],
  ['no layer', { layers: [] }, 'invalid-value', '/layers'],
  ['a layer twice', { layers: ['features.3', 'features.3'] }, 'invalid-value', '/layers/1'],
  ['an unknown layer', { layers: ['features.3', 'features.99'] }, 'unknown-layer', '/layers'],
  ['a grid of half a window', { pooling: { grid: 0.5 } }, 'invalid-value', '/pooling/grid'],
  ['another mapping', { mapping: { method: 'lasso' } }, 'invalid-value', '/mapping/method'],
  ['no alphas', { mapping: { method: 'ridge', alphas: [] } }, 'invalid-value', '/mapping/alphas'],
  ['alpha 0', { mapping: { method: 'ridge', alphas: [0, 1] } }, 'invalid-value', '/mapping/alphas'],
  ['an infinite alpha', { mapping: { method: 'ridge', alphas: [1, Infinity] } }, 'invalid-value', '/mapping/alphas'],
  ['NaN for an alpha', { mapping: { method: 'ridge', alphas: [NaN] } }, 'invalid-value', '/mapping/alphas'],
  ['an alpha twice', { mapping: { method: 'ridge', alphas: [1, 2, 1] } }, 'invalid-value', '/mapping/alphas'],
  ['a penalty for linear', { mapping: { method: 'linear', alphas: [1] } }, 'unknown-field', '/mapping/alphas'],
  ['no component', { mapping: { method: 'pls', components: 0 } }, 'invalid-value', '/mapping/components'],
  ['half a principal component', { mapping: { method: 'ridge', pca: 0.5 } }, 'invalid-value', '/mapping/pca'],
  ['no principal component of all stimuli', { mapping: { method: 'ridge', pca: { components: 0, fitOn: 'all' } } }, 'invalid-value', '/mapping/pca/components'],
  ['a closed form of PLS', { mapping: { method: 'pls', inner: 'loo' } }, 'invalid-value', '/mapping/inner'],
  ['a closed form of least squares', { mapping: { method: 'linear', inner: 'gcv' } }, 'invalid-value', '/mapping/inner'],
  ['one inner fold', { mapping: { method: 'ridge', inner: { folds: 1 } } }, 'invalid-value', '/mapping/inner/folds'],
  ['another split', { split: { scheme: 'shuffle' } }, 'invalid-value', '/split/scheme'],
  ["a split by a property of every object", { split: { scheme: 'toString' } }, 'invalid-value', '/split/scheme'],
  ['one fold', { split: { scheme: 'kfold', folds: 1 } }, 'invalid-value', '/split/folds'],
  ['more folds than stimuli', { split: { scheme: 'kfold', folds: 31 } }, 'too-few-stimuli', '/split/folds'],
  ['a grouped split without a column', { split: { scheme: 'groupkfold' } }, 'invalid-value', '/split/by', grouped],
  ['a grouped split by an unknown column', { split: { scheme: 'leaveonegroupout', by: 'colour' } }, 'invalid-value', '/split/by', grouped],
  ['a column for plain folds', { split: { scheme: 'kfold', by: 'category' } }, 'unknown-field', '/split/by', grouped],
  ['a seed for grouped folds', { split: { scheme: 'groupkfold', by: 'category', seed: 1 } }, 'unknown-field', '/split/seed', grouped],
  ['a number of folds for one group out', { split: { scheme: 'leaveonegroupout', by: 'category', folds: 3 } }, 'unknown-field', '/split/folds', grouped],
  ['a further split by an unknown column', { alsoBy: ['category', 'colour'] }, 'invalid-value', '/alsoBy/1', grouped],
  ['a further split twice', { alsoBy: ['category', 'category'] }, 'invalid-value', '/alsoBy/1', grouped],
  ['another control', { controls: ['pixels', 'noise'] }, 'invalid-value', '/controls/1'],
  ['a control twice', { controls: ['pixels', { name: 'pixels', pooling: 'none' }] }, 'invalid-value', '/controls/1'],
  ['seeds of pixels', { controls: [{ name: 'pixels', seeds: [1] }] }, 'unknown-field', '/controls/0/seeds'],
  ['a pooling of random weights', { controls: [{ name: 'random', pooling: 'none' }] }, 'unknown-field', '/controls/0/pooling'],
  ['no seeds', { controls: [{ name: 'random', seeds: [] }] }, 'invalid-value', '/controls/0/seeds'],
  ['a seed twice', { controls: [{ name: 'random', seeds: [3, 3] }] }, 'invalid-value', '/controls/0/seeds'],
  ['a grid of no window for pixels', { controls: [{ name: 'pixels', pooling: { grid: 0 } }] }, 'invalid-value', '/controls/0/pooling/grid'],
  ['an encoder of a layer that is not fitted', { layers: ['features.3'], encoder: 'features.12' }, 'invalid-value', '/encoder'],
  ['several regions and no choice', {}, 'choose-sites', '/sites', manifestOf({ regions: ['V4', 'IT'] })],
  ['an unknown region', { sites: { region: 'V1' } }, 'choose-sites', '/sites/region'],
] // prettier-ignore

t.test('refusals name the field', (t) => {
  for (const [what, request, code, pointer, manifest] of refusals) t.throws(() => resolved(request, manifest), { code, errors: [{ pointer }] }, what)
  t.throws(() => resolved({ layers: ['features.99'] }), { message: /The nearest are features\.9, / })
  t.throws(() => resolved({ split: { scheme: 'groupkfold' } }, grouped), { message: 'split/by must be a metadata column (here: object_name, category, familiar), not nothing.' })
  t.end()
})

t.test('the request stays as it was', (t) => {
  const request: FitRequest = { dataset: 'd', backbone: 'squeezenet1_1', mapping: { method: 'ridge', alphas: [3, 1, 2] }, controls: ['pixels'], layers: ['features.3'] }
  const before = structuredClone(request)
  resolveFit(request, manifestOf())
  t.same(request, before)
  t.end()
})
