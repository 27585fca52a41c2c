import type { Matrix } from '../../domain/matrix.ts'
import type { CkaReport, CkaRequest, Source } from '../../domain/rdm.ts'
import { linearCka } from '../../encoding/rsa/cka.ts'
import { zscoreColumns } from '../../encoding/rsa/patterns.ts'
import type { Products } from '../../numerics/products.ts'
import type { PipelineContext } from '../context.ts'
import { alignLabels } from './align.ts'
import { comparedRows } from './group-representation.ts'
import type { Compared } from './group-representation.ts'
import { openRepresentation } from './open-representation.ts'
import type { RdmWork } from './open-representation.ts'
import { resolveSource } from './resolve-source.ts'

export interface ResolvedCka {
  a: Source
  b: Source
  by: string
}

export const resolveCka = ({ a, b, by = 'stimulus' }: CkaRequest): ResolvedCka => ({ a: resolveSource(a, '/a'), b: resolveSource(b, '/b'), by })

/** Song's unbiased estimate divides by n - 3. */
const LEAST_UNBIASED = 4

/** Inner products about some vector, (row x row): CKA centres them itself. */
const innerProducts = async ({ form }: Compared, products: Pick<Products, 'f64'>): Promise<Matrix> => {
  if ('gram' in form) return form.gram.K
  const patterns = form.zscore ? zscoreColumns(form.patterns) : form.patterns
  return products.f64(patterns, patterns, { transB: true })
}

const inOrder = ({ cols, data }: Matrix, order: readonly number[]): Matrix => {
  const n = order.length
  return { rows: n, cols: n, data: Float64Array.from({ length: n * n }, (_, k) => data[order[Math.floor(k / n)] * cols + order[k % n]]) }
}

/** Linear CKA between two sets of responses, activations or held-out predictions, rows aligned by label. */
export const compareByCka = async (context: PipelineContext, { a, b, by }: ResolvedCka, work: RdmWork): Promise<CkaReport> => {
  const sides = []
  for (const source of [a, b]) {
    const opened = await openRepresentation(context, source, work)
    sides.push({ ...opened, compared: comparedRows(opened.representation, by) })
  }
  const [first, second] = sides
  const order = alignLabels(first.compared.labels, second.compared.labels, '/b', second.representation.title)
  const [K, L] = [await innerProducts(first.compared, work.products), inOrder(await innerProducts(second.compared, work.products), order)]
  const n = K.rows
  const [biased, unbiased] = [linearCka(K, L, 'biased'), n < LEAST_UNBIASED ? null : linearCka(K, L, 'unbiased')]
  const flat = 'one of the two does not vary, or not by more than noise'
  const { images } = first.compared
  const others = images === null || second.compared.images === null ? 0 : images.filter((image, i) => image !== second.compared.images![order[i]]).length
  const [sideA, sideB] = sides.map(({ source, representation: { kind, title, provenance } }) => ({ kind, name: title, of: source, provenance }))
  return {
    biased,
    unbiased,
    reason: biased !== null && unbiased !== null ? null : n < LEAST_UNBIASED ? `the unbiased estimate needs ${LEAST_UNBIASED} rows` : flat,
    by,
    n,
    a: sideA,
    b: sideB,
    warnings: [...sides.flatMap(({ representation }) => representation.warnings), ...(others > 0 ? [`${others} stimuli have equal ids, but other image files.`] : [])],
  }
}
