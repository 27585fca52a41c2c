import t from 'tap'
import { principalComponents, projectOnComponents } from '../../src/encoding/principal-components.ts'
import { trainingSystem } from '../../src/encoding/training-system.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { needs, sharedJson } from '../helper/shared.ts'
import { gram, multiply, range, rowsOf, sameNumbers, sameSampled } from './reference.ts'
import type { Sampled } from './reference.ts'
import { plsData } from './pls/pls-data.ts'
import type { PlsData } from './pls/pls-data.ts'

interface Problem {
  data: PlsData
  PCA: {
    n_components: number
    explained_variance: number[]
    explained_variance_ratio: number[]
    singular_values: number[]
    abs_scores_train: Sampled
    abs_scores_test: Sampled
    signed_components_row_argmax_U_positive: Sampled
  }
  PCA_truncated: { n_components: number; sum_ratio: number }[]
}

const file = ['reference', 'encoding', 'pca_pls.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

t.test('equal to scikit-learn, from the Gram matrix alone', needs(...file), async (t) => {
  for (const { data, PCA, PCA_truncated } of sharedJson<{ problems: Problem[] }>(...file).problems) {
    const { X, Y } = plsData(data)
    sameSampled(t, X.data, data.check_X, 1e-13, 'X')
    const [train, test] = [range(0, data.n_train), range(data.n_train, X.rows)]
    const K = gram(X, X.data.slice(0, X.cols))
    const system = await trainingSystem(K, Y, train, tools)
    const all = principalComponents(system, Infinity)
    // n rows about their mean span n - 1 dimensions; scikit-learn lists one more, which is rounding.
    const rank = Math.min(data.p, data.n_train - 1)
    t.equal(all.singularValues.length, rank, 'rank')
    sameNumbers(t, all.explainedVariance, PCA.explained_variance.slice(0, rank), 1e-9, 'explained variance')
    sameNumbers(t, all.explainedVarianceRatio, PCA.explained_variance_ratio.slice(0, rank), 1e-9, 'shares')
    sameNumbers(t, all.singularValues, PCA.singular_values.slice(0, rank), 1e-9, 'singular values')
    const twenty = principalComponents(system, 20)
    sameSampled(t, twenty.scores.data.map(Math.abs), PCA.abs_scores_train, 1e-9, 'training scores')
    const projected = await projectOnComponents(K, system, twenty, test, tools)
    sameSampled(t, projected.data.map(Math.abs), PCA.abs_scores_test, 1e-9, 'test scores')
    const ten = principalComponents(system, 10)
    const components = multiply(ten.Ut, rowsOf(X, train)).data.map((x, index) => x / ten.singularValues[Math.floor(index / X.cols)])
    sameSampled(t, components, PCA.signed_components_row_argmax_U_positive, 1e-8, 'components with their signs')
    for (const { n_components, sum_ratio } of PCA_truncated)
      sameNumbers(
        t,
        [principalComponents(system, n_components).explainedVarianceRatio.reduce((a, b) => a + b, 0)],
        [sum_ratio],
        1e-9,
        `${n_components} components`,
      )
  }
})
