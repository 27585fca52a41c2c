import t from 'tap'
import type { LayerScores } from '../../src/domain/fit-scores.ts'
import { fitRidgeAll, fitRidgeFold } from '../../src/encoding/ridge/ridge.ts'
import type { RidgeFold } from '../../src/encoding/ridge/ridge.ts'
import { scoreLayer } from '../../src/encoding/scores/score-layer.ts'
import { bestOf, chooseLayers, chooseLayersPerSite, innerScore, mixPredictions, outerScore, plainMax, timesChosen } from '../../src/encoding/selection.ts'
import { makeInnerSplits, makeSplits } from '../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gaussMatrix, gram, multiply, range, sameNumbers } from './reference.ts'

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const [n, m] = [90, 12]
const kfold = { scheme: 'kfold', folds: 5, shuffle: true, seed: 1 } as const
const alphas = [1e-3, 1e-2, 1e-1, 1, 10]

/** Three layers, of which the second is what the sites read out. */
const simulate = () => {
  const layers = ['early', 'middle', 'late'].map((name, k) => ({ name, X: gaussMatrix(`layer:${k}`, n, 25) }))
  const signal = multiply(layers[1].X, gaussMatrix('layer:W', 25, m)).data
  const noise = gaussMatrix('layer:e', n, m).data
  return { layers, Y: { rows: n, cols: m, data: signal.map((y, k) => y / 5 + noise[k]) } }
}

t.test('the layer is chosen on inner folds and its report is whole', async (t) => {
  const { layers, Y } = simulate()
  const outer = makeSplits(kfold, n)
  const fits: RidgeFold[][] = []
  const reports: LayerScores[] = []
  const sites = Array.from({ length: m }, (_, j) => ({ siteId: `s${j}`, region: 'IT' }))
  const ceilings = Array.from({ length: m }, (_, j) => (j === 0 ? -0.2 : j === 1 ? null : 0.5))
  const problem = { Y, alphas, alphaUnits: 'relative', alphaPer: 'site' } as const
  for (const { name, X } of layers) {
    const K = gram(X)
    const folds = []
    for (const { train, test } of outer)
      folds.push({ test, ...(await fitRidgeFold({ ...problem, K, train, test, inner: makeInnerSplits(kfold, 4, train) }, tools)) })
    fits.push(folds)
    const all = await fitRidgeAll({ ...problem, K, inner: makeInnerSplits(kfold, 4, range(0, n)) }, tools)
    const { scores } = await scoreLayer(
      {
        layer: name,
        units: 25,
        rank: 25,
        folds,
        responses: Y,
        sites,
        ceilings,
        finalAlphas: all.alphas,
        alphaCount: alphas.length,
        bootstrap: { draws: 200, seed: 1 },
      },
      tools.products,
    )
    reports.push(scores)
  }
  const chosen = chooseLayers(
    fits.map((folds) => folds.map((fold) => fold.innerScores)),
    'correlation.median',
  )
  t.strictSame(timesChosen(['early', 'middle', 'late'], chosen), { early: 0, middle: 5, late: 0 })
  t.strictSame(plainMax(reports, 'explainedVariance.mean'), { layer: 'middle', score: reports[1].explainedVariance.mean })

  const [early, middle] = reports
  t.ok(middle.correlation.median! > 0.5 && middle.explainedVariance.mean! > 0.25, `r ${middle.correlation.median}, EV ${middle.explainedVariance.mean}`)
  t.ok(early.correlation.median! < 0.2 && early.explainedVariance.mean! < 0.05, 'a layer of noise explains nothing')
  t.ok(middle.correlation.interval![0] > early.correlation.interval![1], 'and the intervals tell them apart')
  t.equal(middle.sites.length, m)
  t.strictSame([middle.sites[0].ceiling, middle.sites[1].ceiling, middle.sites[2].ceiling], [null, null, 0.5], 'a negative reliability is no ceiling')
  t.equal(middle.ceiled.evOverCeiling.sitesExcluded, 2)
  t.strictSame(
    middle.sites[4].alphaPerSplit,
    fits[1].map((fold) => fold.alphas[4]),
  )
  sameNumbers(
    t,
    [middle.ceiled.rOverSqrtCeiling.ratioOfMeans],
    [middle.sites.slice(2).reduce((sum, site) => sum + site.r!, 0) / 10 / Math.sqrt(0.5)],
    1e-12,
    'ratio of means',
  )
  const edge = fits[0].flatMap((fold) => [...fold.alphaIndex]).filter((a) => a === 0 || a === alphas.length - 1).length
  t.equal(early.alphasAtEdge, edge / (5 * m))
  t.ok(early.alphasAtEdge > middle.alphasAtEdge, 'noise runs to the largest alpha')
  t.strictSame(JSON.parse(JSON.stringify(reports)), reports, 'a report is plain JSON')
})

t.test('choices break ties to the earlier layer and pass over layers without a score', async (t) => {
  t.equal(bestOf([0.3, 0.5, 0.5]), 1)
  t.equal(bestOf([null, -0.4, -0.2]), 2)
  t.equal(bestOf([null, null]), 0)
  const scores = { correlation: Float64Array.of(0.1, NaN, 0.5, 0.2), explainedVariance: Float64Array.of(0.4, 0.2, NaN, 0) }
  t.equal(innerScore(scores, 'correlation.median'), 0.2)
  sameNumbers(t, [innerScore(scores, 'explainedVariance.mean')], [0.2], 1e-15, 'mean EV')
  t.equal(innerScore({ correlation: Float64Array.of(NaN), explainedVariance: Float64Array.of(NaN) }, 'correlation.median'), null)
  t.strictSame(chooseLayers([], 'correlation.median'), [])
  t.equal(outerScore({ correlation: { median: 0.7 }, explainedVariance: { mean: 0.3 } } as LayerScores, 'explainedVariance.mean'), 0.3)
})

t.test('each site takes its own layer, and its predictions are those of that layer', (t) => {
  const inner = (r: number[], ev: number[]) => ({ correlation: Float64Array.from(r), explainedVariance: Float64Array.from(ev) })
  const layers = [[inner([0.1, 0.5, NaN], [0.9, 0, 0])], [inner([0.2, 0.5, NaN], [0.1, 0.1, 0])]]
  t.strictSame(chooseLayersPerSite(layers, 'correlation.median'), [Int32Array.of(1, 0, 0)], 'a tie and no score go to the earlier layer')
  t.strictSame(chooseLayersPerSite(layers, 'explainedVariance.mean'), [Int32Array.of(0, 1, 0)])
  const predictions = [1, 2].map((k) => ({ rows: 2, cols: 3, data: Float64Array.of(10, 20, 30, 40, 50, 60).map((x) => x + k) }))
  t.strictSame(mixPredictions(predictions, [1, 0, 1]), { rows: 2, cols: 3, data: Float64Array.of(12, 21, 32, 42, 51, 62) })
  t.end()
})
