import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { gramCentre, centredBlock, meanSquaredLength } from '../../../src/encoding/gram.ts'
import { heldOutByIdentity, heldOutByRefit } from '../../../src/encoding/ridge/held-out.ts'
import type { RidgeProblem } from '../../../src/encoding/ridge/problem.ts'
import { crossValidateRidge, fitRidgeAll, fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { scaledResiduals } from '../../../src/encoding/ridge/shrinkage.ts'
import { mean } from '../../../src/encoding/scores/statistics.ts'
import { explainedVariance, pearson } from '../../../src/encoding/scores/vectors.ts'
import { makeInnerSplits, makeSplits } from '../../../src/encoding/splits/make-splits.ts'
import type { Split } from '../../../src/encoding/splits/split.ts'
import { rankOf, trainingSystem } from '../../../src/encoding/training-system.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { column, gaussMatrix, gram, multiply, range, rowsOf, sameNumbers } from '../reference.ts'
import { ridgeByNormalEquations } from './normal-equations.ts'

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const alphas = [0.1, 1, 10, 100, 1000]
const kfold = { scheme: 'kfold', folds: 4, shuffle: true, seed: 3 } as const

/** Activations and responses that they explain in part. */
const simulate = (n: number, p: number, m: number): { X: Matrix; Y: Matrix } => {
  const X = gaussMatrix(`sim:${n}:${p}:X`, n, p)
  const signal = multiply(X, gaussMatrix(`sim:${p}:${m}:W`, p, m)).data
  const noise = gaussMatrix(`sim:${n}:${m}:e`, n, m).data
  return { X, Y: { rows: n, cols: m, data: signal.map((y, k) => y / Math.sqrt(p) + noise[k] * (1 + (k % m)) + 2) } }
}

/** Held-out predictions of a ridge fit by solving the normal equations in the primal, one alpha for all sites. */
const byHand = (X: Matrix, Y: Matrix, { train, test }: Split, alpha: number): Matrix =>
  ridgeByNormalEquations(rowsOf(X, train), rowsOf(Y, train), rowsOf(X, test), alpha)

t.test('the fold identity equals a fit without the fold: wide, tall, rank-deficient and grouped folds', async (t) => {
  for (const [n, p, request] of [
    [40, 90, kfold],
    [60, 12, kfold],
    [50, 50, { scheme: 'kfold', folds: 50, shuffle: false, seed: 0 }],
    [42, 30, { scheme: 'leaveonegroupout', by: 'g' }],
  ] as const) {
    const { X, Y } = simulate(n, p, 3)
    if (p === 30) for (let i = 0; i < n; i++) X.data[i * p + 1] = X.data[i * p] // two equal units
    const K = gram(X, X.data.slice(0, p))
    const train = range(0, n).filter((i) => i % 9 !== 4)
    const system = await trainingSystem(K, Y, train, tools)
    t.equal(rankOf(system), Math.min(train.length - 1, p === 30 ? 29 : p), `rank of ${n} x ${p}`)
    const inner = request.scheme === 'kfold' && request.folds === 50 ? train.map((_, i) => i) : null
    const splits = inner
      ? Array.from(train, (row) => ({ train: train.filter((x) => x !== row), test: Int32Array.of(row) }))
      : makeInnerSplits(request, 4, train, { by: Array.from({ length: n }, (_, i) => i % 7) })
    let [worstRefit, worstHand] = [0, 0]
    for (const alpha of [0.03, 3, 3e4]) {
      const GY = await scaledResiduals(system, alpha, tools)
      for (const split of splits) {
        const rows = Int32Array.from(split.test, (row) => train.indexOf(row))
        const identity = (await heldOutByIdentity(system, rows, alpha, GY, tools))! // (site x row of fold)
        const [refit] = await heldOutByRefit(K, Y, split.train, split.test, [alpha], tools)
        const hand = byHand(X, Y, split, alpha)
        for (let j = 0; j < 3; j++)
          for (let i = 0; i < rows.length; i++) {
            const residual = identity.data[j * rows.length + i]
            worstRefit = Math.max(worstRefit, Math.abs(residual - refit.data[j * rows.length + i]))
            worstHand = Math.max(worstHand, Math.abs(residual - (Y.data[split.test[i] * 3 + j] - hand.data[i * 3 + j])))
          }
      }
    }
    t.ok(worstRefit < 1e-9, `${n} x ${p}, ${splits.length} folds: dual refit, ${worstRefit.toExponential(1)}`)
    t.ok(worstHand < 1e-9, `${n} x ${p}, ${splits.length} folds: normal equations, ${worstHand.toExponential(1)}`)
  }
})

t.test('folds too ill-conditioned for the identity are fitted again, to the same accuracy', async (t) => {
  const { X, Y } = simulate(30, 20, 2)
  const K = gram(X)
  const system = await trainingSystem(K, Y, range(0, 30), tools)
  // More rows than the activations leave free: the rest alone determines the fit, and 1 - H nearly vanishes on some of their combinations.
  const rows = range(0, 15)
  const tiny = [1e-13, 1e-12].map((share) => share * system.values.at(-1)!)
  for (const alpha of tiny)
    t.equal(await heldOutByIdentity(system, rows, alpha, await scaledResiduals(system, alpha, tools), tools), null, 'the identity declines')
  t.not(await heldOutByIdentity(system, rows, 1e-4, await scaledResiduals(system, 1e-4, tools), tools), null, 'and does what it can')
  const splits = makeSplits({ ...kfold, folds: 2, shuffle: false }, 30)
  const found = await crossValidateRidge({ K, Y, alphas: [...tiny, 10], alphaUnits: 'absolute', alphaPer: 'site' }, splits, tools)
  for (let a = 0; a < 2; a++)
    for (let j = 0; j < 2; j++) {
      // As the penalty goes to 0 the answer is the interpolation of least norm, which one of 1e-6 gives within 1e-5.
      const errors = splits.map((split) => {
        const predicted = column(byHand(X, Y, split, 1e-6), j)
        return mean(Float64Array.from(split.test, (row, i) => (Y.data[row * 2 + j] - predicted[i]) ** 2))!
      })
      sameNumbers(t, [found.meanSquaredError.data[a * 2 + j]], [mean(errors)!], 1e-5, `alpha ${tiny[a].toExponential(0)}, site ${j}`)
    }
})

t.test('nested fit by hand: alphas, predictions and inner scores', async (t) => {
  const { X, Y } = simulate(48, 20, 4)
  const problem: RidgeProblem = { K: gram(X), Y, alphas, alphaUnits: 'absolute', alphaPer: 'site' }
  for (const { train, test } of makeSplits(kfold, 48)) {
    const inner = makeInnerSplits(kfold, 5, train)
    const fold = await fitRidgeFold({ ...problem, train, test, inner }, tools)
    for (let j = 0; j < 4; j++) {
      const held = alphas.map((alpha) => inner.map((split) => ({ y: column(rowsOf(Y, split.test), j), p: column(byHand(X, Y, split, alpha), j) })))
      const losses = held.map((folds) => mean(folds.map(({ y, p }) => mean(y.map((v, i) => (v - p[i]) ** 2))))!)
      const best = losses.indexOf(Math.min(...losses))
      t.equal(fold.alphaIndex[j], best)
      t.equal(fold.alphas[j], alphas[best])
      sameNumbers(
        t,
        alphas.map((_, a) => fold.meanSquaredError.data[a * 4 + j]),
        losses,
        1e-9,
        'inner errors',
      )
      sameNumbers(t, [fold.innerScores.correlation[j]], [mean(held[best].map(({ y, p }) => pearson(p, y)))!], 1e-9, 'inner r')
      sameNumbers(t, [fold.innerScores.explainedVariance[j]], [mean(held[best].map(({ y, p }) => explainedVariance(p, y)))!], 1e-9, 'inner EV')
      sameNumbers(t, column(fold.predictions, j), [...column(byHand(X, Y, { train, test }, alphas[best]), j)], 1e-9, 'predictions')
    }
  }
})

t.test('one alpha for all sites: errors over the training variance, unless raw', async (t) => {
  const { X, Y } = simulate(40, 15, 3)
  const scaled = { ...Y, data: Y.data.map((y, k) => (k % 3 === 2 ? 1000 * y : y)) }
  const splits = makeSplits({ ...kfold, folds: 5, shuffle: false }, 40)
  const choose = async (Y: Matrix, more: Partial<RidgeProblem>) =>
    crossValidateRidge({ K: gram(X), Y, alphas, alphaUnits: 'absolute', alphaPer: 'all', ...more }, splits, tools)
  const standardised = await choose(Y, {})
  t.strictSame((await choose(scaled, {})).alphaIndex, standardised.alphaIndex, "a site's scale has no say")
  const variance = Array.from({ length: 3 }, (_, j) => mean(column(Y, j).map((y) => (y - mean(column(Y, j))!) ** 2))!)
  const loss = alphas.map((_, a) => variance.reduce((sum, v, j) => sum + standardised.meanSquaredError.data[a * 3 + j] / v, 0))
  t.equal(standardised.alphaIndex[0], loss.indexOf(Math.min(...loss)))
  const raw = await choose(scaled, { sharedLoss: 'raw' })
  const loud = alphas.map((_, a) => raw.meanSquaredError.data[a * 3 + 2])
  t.equal(raw.alphaIndex[0], loud.indexOf(Math.min(...loud)), 'raw: the loudest site decides')
})

t.test('relative alphas are scaled by the outer training rows, in the inner folds too', async (t) => {
  const { X, Y } = simulate(36, 25, 2)
  const K = gram(X)
  const { train, test } = makeSplits(kfold, 36)[1]
  const inner = makeInnerSplits(kfold, 3, train)
  const scale = meanSquaredLength(centredBlock(K, gramCentre(K, train)))
  const relative = await fitRidgeFold({ K, Y, alphas, alphaUnits: 'relative', alphaPer: 'site', train, test, inner }, tools)
  const absolute = await fitRidgeFold({ K, Y, alphas: alphas.map((a) => a * scale), alphaUnits: 'absolute', alphaPer: 'site', train, test, inner }, tools)
  t.strictSame(relative, absolute)
  const larger = await fitRidgeFold(
    { K: { ...K, data: K.data.map((x) => 1e4 * x) }, Y, alphas, alphaUnits: 'relative', alphaPer: 'site', train, test, inner },
    tools,
  )
  t.strictSame(larger.alphaIndex, relative.alphaIndex, "the activations' scale has no say")
  sameNumbers(t, larger.predictions.data, [...relative.predictions.data], 1e-9, 'predictions')
})

t.test('what cannot change a fit does not, and what must, does', async (t) => {
  const { X, Y } = simulate(40, 30, 3)
  const K = gram(X)
  const { train, test } = makeSplits(kfold, 40)[0]
  const inner = makeInnerSplits(kfold, 4, train)
  const problem = { alphas, alphaUnits: 'absolute', alphaPer: 'site', train, test, inner } as const
  const plain = await fitRidgeFold({ K, Y, ...problem }, tools)
  const moved = await fitRidgeFold({ K: gram(X, X.data.slice(30, 60)), Y, ...problem }, tools)
  sameNumbers(t, moved.predictions.data, [...plain.predictions.data], 1e-10, 'K about another vector')
  const affine = await fitRidgeFold({ K, Y: { ...Y, data: Y.data.map((y) => 5 * y - 40) }, ...problem }, tools)
  sameNumbers(
    t,
    affine.predictions.data,
    Array.from(plain.predictions.data, (p) => 5 * p - 40),
    1e-10,
    'Y scaled and moved',
  )
  const swapped = await fitRidgeFold({ K, Y: { ...Y, data: Y.data.map((_, k) => Y.data[k + [2, 0, -2][k % 3]]) }, ...problem }, tools)
  for (let j = 0; j < 3; j++) sameNumbers(t, column(swapped.predictions, j), [...column(plain.predictions, 2 - j)], 1e-12, `sites in reverse, ${j}`)
  const reverse = range(0, 40).map((i) => 39 - i)
  const turned = (rows: Int32Array): Int32Array => rows.map((i) => 39 - i)
  const flipped = await fitRidgeFold(
    {
      ...problem,
      K: gram(rowsOf(X, reverse)),
      Y: rowsOf(Y, reverse),
      train: turned(train),
      test: turned(test),
      inner: inner.map((s) => ({ train: turned(s.train), test: turned(s.test) })),
    },
    tools,
  )
  t.strictSame(flipped.alphaIndex, plain.alphaIndex)
  sameNumbers(t, flipped.predictions.data, [...plain.predictions.data], 1e-10, 'stimuli in reverse')
})

t.test('a constant site is predicted as its constant at the largest alpha, and disturbs no other', async (t) => {
  const { X, Y } = simulate(40, 30, 2)
  const K = gram(X)
  const withConstant = { rows: 40, cols: 3, data: Float64Array.from({ length: 120 }, (_, k) => (k % 3 === 2 ? 0.1 : Y.data[Math.floor(k / 3) * 2 + (k % 3)])) }
  const { train, test } = makeSplits(kfold, 40)[0]
  const inner = makeInnerSplits(kfold, 4, train)
  for (const alphaPer of ['site', 'all'] as const) {
    const problem = { K, alphas, alphaUnits: 'relative', alphaPer, train, test, inner } as const
    const alone = await fitRidgeFold({ ...problem, Y }, tools)
    const found = await fitRidgeFold({ ...problem, Y: withConstant }, tools)
    t.ok(column(found.predictions, 2).every((x) => x === 0.1))
    t.strictSame([...found.alphaIndex.subarray(0, 2)], [...alone.alphaIndex])
    t.equal(found.alphaIndex[2], alphaPer === 'site' ? alphas.length - 1 : alone.alphaIndex[0])
    t.ok(Number.isNaN(found.innerScores.correlation[2]) && Number.isNaN(found.innerScores.explainedVariance[2]))
    sameNumbers(t, column(found.predictions, 0), [...column(alone.predictions, 0)], 1e-12, 'the first site')
  }
})

t.test('activations that do not vary predict the mean', async (t) => {
  const { Y } = simulate(20, 5, 2)
  const K = { rows: 20, cols: 20, data: new Float64Array(400).fill(3.7) }
  const { train, test } = makeSplits(kfold, 20)[0]
  const fold = await fitRidgeFold({ K, Y, alphas, alphaUnits: 'relative', alphaPer: 'site', train, test, inner: makeInnerSplits(kfold, 3, train) }, tools)
  for (let j = 0; j < 2; j++)
    sameNumbers(t, column(fold.predictions, j), new Array<number>(test.length).fill(mean(column(rowsOf(Y, train), j))!), 1e-12, `site ${j}`)
})

t.test('the readout of the final fit gives the rates that the fit predicts', async (t) => {
  const { X, Y } = simulate(30, 45, 2)
  const centre = X.data.slice(45, 90)
  const inner = makeInnerSplits(kfold, 5, range(0, 30))
  const { dual, bias, rows, alphas: chosen } = await fitRidgeAll({ K: gram(X, centre), Y, alphas, alphaUnits: 'absolute', alphaPer: 'site', inner }, tools)
  t.strictSame([...rows], [...range(0, 30)])
  for (let j = 0; j < 2; j++) t.ok(Math.abs(column(dual, j).reduce((a, b) => a + b, 0)) < 1e-12, 'dual coefficients sum to 0')
  const transposed = { rows: 45, cols: 30, data: Float64Array.from({ length: 45 * 30 }, (_, k) => X.data[(k % 30) * 45 + Math.floor(k / 30)]) }
  const W = multiply(transposed, dual) // X'A: no centring needed
  const fresh = gaussMatrix('readout:x', 7, 45)
  const about = { ...fresh, data: fresh.data.map((x, k) => x - centre[k % 45]) }
  const rates = multiply(about, W).data.map((x, k) => x + bias[k % 2])
  for (let j = 0; j < 2; j++)
    sameNumbers(t, column({ rows: 7, cols: 2, data: rates }, j), [...column(ridgeByNormalEquations(X, Y, fresh, chosen[j]), j)], 1e-9, `site ${j}`)
})

t.test('any shape: few stimuli, few units, one site, equal rows, constant units', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 14 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 0, max: 6 }),
      fc.boolean(),
      async (n, p, m, folds, copies, constant) => {
        const { X, Y } = simulate(n, p, m)
        for (let i = 0; i < Math.min(copies, n - 1); i++) X.data.copyWithin((i + 1) * p, 0, p)
        if (constant) for (let i = 0; i < n; i++) X.data[i * p] = 4.2
        const rows = range(0, n)
        const splits = makeSplits({ scheme: 'kfold', folds: Math.min(folds, n), shuffle: false, seed: 0 }, n)
        const found = await fitRidgeAll({ K: gram(X), Y, rows, inner: splits, alphas, alphaUnits: 'absolute', alphaPer: 'site' }, tools)
        for (let j = 0; j < m; j++)
          for (const [a, alpha] of alphas.entries()) {
            const expected = mean(
              splits.map((split) => mean(Float64Array.from(split.test, (row, i) => (Y.data[row * m + j] - byHand(X, Y, split, alpha).data[i * m + j]) ** 2))),
            )!
            const error = found.meanSquaredError.data[a * m + j]
            if (!(Math.abs(error - expected) <= 1e-8 * Math.max(1, expected))) throw new Error(`${n} x ${p}: ${error} for ${expected}`)
          }
        return found.dual.data.every(Number.isFinite) && found.bias.every(Number.isFinite)
      },
    ),
    { numRuns: 60, seed: 1 },
  )
  t.pass('held for all')
})

t.test('defects upstream are caught, and work can be cancelled', async (t) => {
  const { X, Y } = simulate(20, 5, 1)
  const [K, inner] = [gram(X), makeSplits(kfold, 20)]
  const problem = { K, Y, alphas, alphaUnits: 'absolute', alphaPer: 'site', inner } as const
  await t.rejects(fitRidgeAll({ ...problem, alphas: [1, 0.1] }, tools), /ascending/)
  await t.rejects(fitRidgeAll({ ...problem, alphas: [0, 1] }, tools), /over 0/)
  await t.rejects(fitRidgeAll({ ...problem, inner: [] }, tools), /inner splits/)
  await t.rejects(fitRidgeAll({ ...problem, rows: range(0, 10) }, tools), /within the training rows/)
  await t.rejects(fitRidgeAll({ ...problem, Y: { ...Y, data: Y.data.map((y, i) => (i === 3 ? NaN : y)) } }, tools), /finite/)
  await t.rejects(fitRidgeAll(problem, tools, AbortSignal.abort(new Error('cancelled'))), /cancelled/)
})
