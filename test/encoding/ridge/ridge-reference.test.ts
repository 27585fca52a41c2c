import t from 'tap'
import { predictDual } from '../../../src/encoding/dual-fit.ts'
import type { RidgeProblem } from '../../../src/encoding/ridge/problem.ts'
import { crossValidateRidge, fitRidgeAll, fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { errorOf, gram, multiply, range, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'
import { ridgeData } from '../ridge-data.ts'
import type { RidgeData } from '../ridge-data.ts'

interface SharedAlpha {
  alphas: number[]
  best_alpha: number
  mean_test_score: number[]
  pred: Sampled
}
interface Himalaya {
  alphas: number[]
  KernelRidgeCV: { pred: Sampled }
  own_formula: { best_alphas: number[]; score_table_alpha_by_target: number[][] | null }
}
interface Problem {
  data: RidgeData
  Ridge: { alpha: number; coef: Sampled; intercept: number[]; pred: Sampled }[]
  RidgeCV_LOO: {
    alphas: number[]
    per_target: { alpha: number[]; mean_sq_error: number[][]; pred: Sampled }
    shared: { mean_sq_error_per_alpha: number[]; alpha: number }
  }
  GridSearchCV: Record<string, SharedAlpha>
  himalaya: Record<string, Himalaya>
}

const file = ['reference', 'encoding', 'ridge.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

/** The smallest difference between two alphas on the list that counts as the same choice. */
const sameAlphas = (found: ArrayLike<number>, expected: number[]): boolean =>
  expected.length === found.length && expected.every((alpha, j) => errorOf(Math.log10(found[j]), Math.log10(alpha)) < 1e-9)

t.test('equal to scikit-learn and himalaya', needs(...file), async (t) => {
  for (const reference of sharedJson<{ problems: Problem[] }>(...file).problems)
    await t.test(reference.data.tag, async (t) => {
      const { X, Y } = ridgeData(reference.data)
      sameSampled(t, X.data, reference.data.check_X, 1e-13, 'X')
      sameSampled(t, Y.data, reference.data.check_Y, 1e-13, 'Y')
      const { n_train, m } = reference.data
      const [train, test] = [range(0, n_train), range(n_train, X.rows)]
      // About a vector that is nobody's mean, as a Gram matrix of other stimuli would be.
      const centre = X.data.slice(X.cols, 2 * X.cols)
      const K = gram(X, centre)
      const about = rowsOf(X, train).data.map((x, k) => x - centre[k % X.cols])
      const problem = (alphas: number[], more: Partial<RidgeProblem> = {}): RidgeProblem => ({
        K,
        Y,
        alphas,
        alphaUnits: 'absolute',
        alphaPer: 'site',
        ...more,
      })
      const trainProblem = { K: gram(rowsOf(X, train)), Y: rowsOf(Y, train) }
      const constant = reference.data.tag === 'ridgeE' ? 2 : -1

      for (const { alpha, coef, intercept, pred } of reference.Ridge) {
        const fit = await fitRidgeFold({ ...problem([alpha]), train, test, inner: [] }, tools)
        sameSampled(t, fit.predictions.data, pred, 1e-9, `alpha ${alpha}: predictions`)
        // W' = A'(X - c), (site x unit), against scikit-learn's coefficients; its intercept is the rate at x = 0.
        const transposed = {
          rows: m,
          cols: n_train,
          data: Float64Array.from({ length: m * n_train }, (_, k) => fit.dual.data[(k % n_train) * m + Math.floor(k / n_train)]),
        }
        const W = multiply(transposed, { rows: n_train, cols: X.cols, data: about })
        sameSampled(t, W.data, coef, 1e-9, `alpha ${alpha}: coefficients`)
        sameNumbers(
          t,
          fit.bias.map((b, j) => b - centre.reduce((sum, c, k) => sum + c * W.data[j * X.cols + k], 0)),
          intercept,
          1e-9,
          `alpha ${alpha}: intercept`,
        )
        const cross = {
          rows: test.length,
          cols: n_train,
          data: Float64Array.from({ length: test.length * n_train }, (_, k) => K.data[test[Math.floor(k / n_train)] * K.cols + (k % n_train)]),
        }
        sameSampled(t, (await predictDual(fit, cross, tools)).data, pred, 1e-9, `alpha ${alpha}: by dual coefficients`)
      }

      const { RidgeCV_LOO: loo } = reference
      const leaveOneOut = kFold(n_train, { folds: n_train, shuffle: false })
      const one = await crossValidateRidge({ ...problem(loo.alphas), ...trainProblem }, leaveOneOut, tools)
      const byTarget = loo.per_target.mean_sq_error
      for (let j = 0; j < m; j++) {
        if (j === constant) continue // scikit-learn's error there is rounding, ours is 0
        sameNumbers(
          t,
          loo.alphas.map((_, a) => one.meanSquaredError.data[a * m + j]),
          byTarget[j],
          1e-9,
          `leave one out, site ${j}`,
        )
      }
      t.ok(
        sameAlphas(
          one.alphas.filter((_, j) => j !== constant),
          loo.per_target.alpha.filter((_, j) => j !== constant),
        ),
        'leave one out: alphas',
      )

      for (const [name, shared] of Object.entries(reference.GridSearchCV)) {
        const splits = kFold(n_train, name === 'KFold(5)' ? { folds: 5, shuffle: false } : { folds: 5, shuffle: true, seed: 42 })
        const raw = { alphaPer: 'all', sharedLoss: 'raw' } as const
        const found = await crossValidateRidge({ ...problem(shared.alphas, raw), ...trainProblem }, splits, tools)
        const scores = shared.alphas.map((_, a) => -found.meanSquaredError.data.subarray(a * m, (a + 1) * m).reduce((x, y) => x + y, 0) / m)
        sameNumbers(t, scores, shared.mean_test_score, 1e-9, `${name}: scores`)
        t.ok(sameAlphas(found.alphas, new Array<number>(m).fill(shared.best_alpha)), `${name}: alpha`)
        const fold = await fitRidgeFold({ ...problem(shared.alphas, raw), train, test, inner: splits }, tools)
        sameSampled(t, fold.predictions.data, shared.pred, 1e-9, `${name}: predictions`)
        t.strictSame(
          found.alphaIndex,
          (await fitRidgeAll({ ...problem(shared.alphas, raw), ...trainProblem, inner: splits }, tools)).alphaIndex,
          `${name}: the final fit chooses alike`,
        )
      }

      for (const [name, { alphas, KernelRidgeCV, own_formula }] of Object.entries(reference.himalaya)) {
        const per = name.includes('local_alpha=True') ? ({ alphaPer: 'site' } as const) : ({ alphaPer: 'all', sharedLoss: 'raw' } as const)
        const fold = await fitRidgeFold({ ...problem(alphas, per), train, test, inner: kFold(n_train, { folds: 5, shuffle: false }) }, tools)
        t.ok(sameAlphas(fold.alphas, own_formula.best_alphas), `himalaya ${name}: alphas, the largest for a constant site`)
        sameSampled(t, fold.predictions.data, KernelRidgeCV.pred, 1e-8, `himalaya ${name}: predictions`)
        own_formula.score_table_alpha_by_target?.forEach((row, a) =>
          sameNumbers(
            t,
            fold.meanSquaredError.data.subarray(a * m, (a + 1) * m).map((x) => -x),
            row,
            1e-9,
            `himalaya ${name}: errors at ${alphas[a]}`,
          ),
        )
      }
    })
})
