import fs from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { scoreLayer } from '../../src/encoding/scores/score-layer.ts'
import type { LayerToScore } from '../../src/encoding/scores/score-layer.ts'
import { kFold } from '../../src/encoding/splits/k-fold.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gauss } from '../helper/generator.ts'
import { gaussMatrix, rowsOf } from './reference.ts'

// The numbers of revision 1 of the formulas (revision 2 of the bootstrap; see the fit's provenance), kept as they came out: whoever
// changes one of them changes everybody's scores, and the revision.

const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

const [n, m] = [60, 5]

/** A silent fold at one site, one constant site, a ceiling too low and one missing. */
const layer = (): LayerToScore => {
  const responses = gaussMatrix('frozen:y', n, m)
  for (let i = 0; i < n; i++) responses.data[i * m + 4] = 2
  const splits = kFold(n, { folds: 4, shuffle: true, seed: 3 })
  for (const i of splits[1].test) responses.data[i * m + 3] = 1.25
  const e = gauss('frozen:e', n * m)
  const all = { rows: n, cols: m, data: responses.data.map((y, k) => 0.7 * y + (0.3 + 0.2 * (k % m)) * e[k]) }
  return {
    layer: 'l',
    units: 7,
    rank: 6,
    folds: splits.map(({ test }, f) => ({ test, predictions: rowsOf(all, test), alphas: [1, 2, 3, 4, 5].map((a) => a * (f + 1)), alphaIndex: [0, 1, 2, 1, f % 3] })),
    responses,
    sites: Array.from({ length: m }, (_, j) => ({ siteId: `s${j}`, region: 'IT' })),
    ceilings: [0.9, 0.5, 0.05, 0.7, null],
    finalAlphas: [1, 2, 3, 4, 5],
    alphaCount: 3,
    bootstrap: { draws: 200, seed: 0 },
  }
}

/** Every number of `frozen` stands in `found` at the same place; `found` may hold more. */
const holds = (t: Test, found: unknown, frozen: unknown, at: string): void => {
  if (typeof frozen === 'number') t.ok(typeof found === 'number' && Math.abs(found - frozen) <= 1e-12 * Math.max(1, Math.abs(frozen)), `${at}: ${String(found)} of ${frozen}`)
  else if (frozen === null || typeof frozen !== 'object') t.equal(found, frozen, at)
  else for (const [key, value] of Object.entries(frozen)) holds(t, (found as Record<string, unknown>)[key], value, `${at}/${key}`)
}

t.test('scores and intervals are those of their revision', async (t) => {
  const frozen = JSON.parse(fs.readFileSync(new URL('./frozen/layer-scores.json', import.meta.url), 'utf8')) as unknown
  holds(t, (await scoreLayer(layer(), products)).scores, frozen, 'layer')
})
