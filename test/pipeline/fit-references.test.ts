import t from 'tap'
import type { Test } from "tap"
import type { FitRequest } from '../../src/domain/fit.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { addReference, images, onColours, reference, referenceTrials, referenceX } from './reference-recording.ts'
import type { SiteNumbers } from './reference-recording.ts'
import { runRequest } from './run-fit.ts'

/** Colours are means of 3136 equal pixels in float32: good to about 1e-5, and what an encoder makes of them to 1e-4. */
const TOLERANCE = 5e-5

const context = await openTestContext(t)
const { id } = await addReference(context, temporaryFolder(t))
const split = { scheme: 'kfold', folds: 5, shuffle: true, seed: 1 }
const run = (mapping: FitRequest['mapping'], request: Partial<FitRequest> = {}) => runRequest(context, onColours(id, { mapping, split, ...request }))
const near = (t: Test, found: (number | null)[], expected: number[], what: string, tolerance = TOLERANCE): void => {
  const worst = Math.max(...found.map((value, j) => Math.abs(value! - expected[j]) / Math.max(1, Math.abs(expected[j]))))
  t.ok(found.length === expected.length && worst < tolerance, `${what}: off by ${worst}`)
}
const agrees = (t: Test, { scores }: Awaited<ReturnType<typeof run>>, { ev, r }: SiteNumbers, what: string): void => {
  near(t, scores.layers[0].sites.map((site) => site.ev), ev, `${what}: EV`)
  near(t, scores.layers[0].sites.map((site) => site.r), r, `${what}: r`)
}

t.test('the recording is the one that the reference saw', async (t) => {
  const [X, trials] = [referenceX(), referenceTrials()]
  const means = Array.from({ length: 120 * 5 }, (_, cell) => {
    const seen = [...trials.subarray(4 * cell, 4 * cell + 4)].filter((y) => !Number.isNaN(y))
    return seen.reduce((a, b) => a + b) / seen.length
  })
  near(t, [...X.slice(0, 5), X.reduce((a, b) => a + b)], [...reference.X.first, reference.X.sum], 'X')
  near(t, [...means.slice(0, 5), means.reduce((a, b) => a + b)], [...reference.Y.first, reference.Y.sum], 'Y')
})

t.test('penalties in closed form are those of RidgeCV, and of GCV by the hat matrix', async (t) => {
  for (const inner of ['loo', 'gcv'] as const) {
    const { scores } = await run({ method: 'ridge', alphas: reference[inner].alphas, alphaUnits: 'absolute', inner })
    const [{ sites }] = scores.layers
    t.strictSame([0, 1, 2, 3, 4].map((fold) => sites.map((site) => site.alphaPerSplit[fold])), reference[inner].chosen, inner)
    t.ok(scores.bestLayer!.nested.correlation.median === scores.layers[0].correlation.median)
    t.match(scores.leakage.find(({ what }) => what === `near and exact duplicates under ${inner}`), { severity: 'none' })
  }
})

t.test('principal components of the training rows, and of all stimuli', async (t) => {
  const ridge = { method: 'ridge', alphas: [10], alphaUnits: 'absolute' as const }
  const trained = await run({ ...ridge, pca: { components: 10, fitOn: 'train' } })
  agrees(t, trained, reference.pcaTrain, 'train')
  t.match(trained.scores.leakage.find(({ what }) => what === 'principal components'), { severity: 'note', rows: /inner folds.* see them/ })
  const all = await run({ ...ridge, pca: { components: 10, fitOn: 'all' } }, { encoder: 'best' })
  agrees(t, all, reference.pcaAll.fits, 'all')
  t.match(all.scores.leakage.find(({ what }) => what === 'principal components'), { severity: 'warning', rows: /all stimuli/ })
  t.equal(all.scores.layers[0].rank, 10)
  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const { rates } = await predictor.predict(all.encoder!, images.slice(0, 3))
  near(t, rates.flat(), reference.pcaAll.readout.flat(), 'its encoder', 10 * TOLERANCE)
  const many = await run({ ...ridge, pca: 96 })
  t.ok(many.scores.warnings.includes('Fewer principal components than the 96 asked for: pixels (48). Activations of n training stimuli have at most n - 1.'))
})

t.test('least squares and PLS', async (t) => {
  agrees(t, await run({ method: 'linear' }), reference.linear, 'linear')
  agrees(t, await run({ method: 'pls', components: 3, yScale: 'none' }), reference.pls3, 'PLS')
})
