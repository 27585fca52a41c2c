import t from 'tap'
import type { Test } from 'tap'
import type { ProblemCode } from '../../src/domain/errors.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { LayerScores } from '../../src/domain/fit-scores.ts'
import { makeEncoder } from '../../src/pipeline/make-encoder.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { manifestOf, noisePng, resolved } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

// Layers of a random network, 128 and 256 units for 24 stimuli: the Gram route against ml-matrix, ml-pca and ml-pls on the activations.
const [n, m] = [24, 4]
const images = Array.from({ length: n }, (_, i) => noisePng(`cross-check ${i}`))
const request = { backbone: 'squeezenet1_1', weights: 'random', layers: ['features.3', 'features.6'], pooling: { grid: 1 }, alsoBy: [], encoder: 'none', split: { scheme: 'kfold', folds: 3 } } as const

/** Scores of two ways to the same fit may differ by so much: their arithmetic by 1e-9, PLS by where its iteration stops. */
const TOLERANCE = 1e-6

const agree = (t: Test, a: LayerScores[], b: LayerScores[], what: string): void => {
  a.forEach(({ layer, rank, units, sites, correlation }, k) => {
    t.same([layer, rank, units], [b[k].layer, b[k].rank, b[k].units], `${what}: ${layer}`)
    const pairs = sites.flatMap((site, j) => [
      [site.r!, b[k].sites[j].r!],
      [site.ev!, b[k].sites[j].ev!],
      [(site.alpha ?? 1) / (b[k].sites[j].alpha ?? 1), 1],
      ...site.alphaPerSplit.map((alpha, f) => [(alpha ?? 1) / (b[k].sites[j].alphaPerSplit[f] ?? 1), 1]),
    ])
    const off = Math.max(...pairs.map(([x, y]) => Math.abs(x - y)))
    t.ok(off < TOLERANCE && correlation.interval !== null, `${what}: ${layer} off by ${off}`)
  })
}

t.test('every mapping has the same scores by either way', async (t) => {
  const context = await openTestContext(t)
  const responses = Float64Array.from(gauss('cross-check', n * m))
  const { id } = await addRecording(context, temporaryFolder(t), { images, responses, shape: [n, m] })
  const run = (mapping: FitRequest['mapping']) => runRequest(context, { ...request, layers: [...request.layers], alsoBy: [], dataset: id, mapping })
  const mappings: NonNullable<FitRequest['mapping']>[] = [{ method: 'ridge', alphas: [0.01, 0.1, 1, 10], pca: 12 }, { method: 'linear', pca: 10 }, { method: 'pls', components: 4 }]
  for (const mapping of mappings) {
    const [main, other] = [await run(mapping), await run({ ...mapping, solver: 'reference' })]
    agree(t, other.scores.layers, main.scores.layers, mapping.method!)
    t.same(other.scores.bestLayer!.nested.timesChosen, main.scores.bestLayer!.nested.timesChosen, 'the inner folds prefer the same layers')
    t.match(other.scores.provenance, { mapping: { solver: 'reference' } })
    t.equal(other.encoder, null)
    if (mapping.method === 'pls') await t.rejects(makeEncoder(context, other.id, 'features.3'), /makes no encoder/)
  }
})

const refusals: [what: string, request: Partial<FitRequest>, code: ProblemCode, pointer: string, message?: RegExp][] = [
  ['a layer of over 10^6 values', { layers: ['features.3'], mapping: { solver: 'reference' } }, 'does-not-fit', '/mapping/solver', /features\.3 has 30 x 387200 = 11616000\./],
  ['pixels of over 10^6 values', { layers: ['features.12'], pooling: { grid: 1 }, controls: [{ name: 'pixels', pooling: 'none' }], mapping: { solver: 'reference' } }, 'does-not-fit', '/mapping/solver', /pixels has 30 x 150528/],
  ['an encoder', { encoder: 'best', pooling: { grid: 1 }, mapping: { solver: 'reference' } }, 'invalid-value', '/encoder'],
  ['a closed form', { pooling: { grid: 1 }, mapping: { solver: 'reference', inner: 'loo' } }, 'invalid-value', '/mapping/inner'],
  ['components of all stimuli', { pooling: { grid: 1 }, mapping: { solver: 'reference', pca: { components: 3, fitOn: 'all' } } }, 'invalid-value', '/mapping/pca/fitOn'],
  ['permutations', { pooling: { grid: 1 }, mapping: { solver: 'reference' }, permutations: { count: 10 } }, 'invalid-value', '/permutations'],
  ['another solver of ridge', { mapping: { method: 'ridge', solver: 'exact' } }, 'invalid-value', '/mapping/solver'],
]

t.test('what it cannot do is refused', (t) => {
  for (const [what, asked, code, pointer, message = /./] of refusals) t.throws(() => resolved(asked, manifestOf()), { code, message, errors: [{ pointer }] }, what)
  t.match(resolved({ pooling: { grid: 1 }, mapping: { method: 'linear', solver: 'reference' } }), { encoder: 'none', mapping: { method: 'linear', solver: 'reference' } })
  t.match(resolved({ pooling: { grid: 1 }, mapping: { method: 'pls', solver: 'reference' } }).mapping, { solver: 'reference', components: 25 })
  t.end()
})
