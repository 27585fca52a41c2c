import t from 'tap'
import type { NdArray } from '../../../src/domain/matrix.ts'
import { feve, feveMean } from '../../../src/encoding/scores/feve.ts'
import { furtherScores } from '../../../src/encoding/scores/further-scores.ts'
import { poissonScores } from '../../../src/encoding/scores/poisson.ts'
import { mean, median } from '../../../src/encoding/scores/statistics.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { gauss } from '../../helper/generator.ts'
import { rowsOf } from '../reference.ts'

const [n, m, R] = [24, 3, 3]
const noise = gauss('further:noise', n * m * R)
const signal = gauss('further:signal', n * m).map((e) => 4 + Math.abs(e))
// The last site answers every stimulus alike: nothing to explain, no count but 0.
const trials: NdArray = { shape: [n, m, R], data: noise.map((e, k) => (Math.floor(k / R) % m === 2 ? 0 : Math.max(0, Math.round(signal[Math.floor(k / R)] + e)))) }
const counts = { rows: n, cols: m, data: Float64Array.from({ length: n * m }, (_, cell) => mean(trials.data.subarray(cell * R, cell * R + R))!) }
const folds = kFold(n, { folds: 3, shuffle: true, seed: 1 }).map(({ test }) => ({ test, predictions: rowsOf({ ...counts, data: signal }, test) }))

t.test('of counts with repetitions: the pure functions, per site and over sites', async (t) => {
  const { layer, sites } = furtherScores(folds, counts, { unit: 'count', trials })
  const poisson = poissonScores(folds, counts, { rows: n, cols: m, data: new Float64Array(n * m).fill(R) })
  for (const j of [0, 1])
    t.strictSame(sites[j], {
      feve: feve(folds, trials)[j],
      feveMean: feveMean(folds, trials)[j],
      deviance: poisson.deviance[j],
      devianceExplained: poisson.devianceExplained[j],
      bitsPerSpike: poisson.bitsPerSpike[j],
    })
  const values = [sites[0].feve!, sites[1].feve!]
  t.strictSame(layer.feve, { median: median(values), mean: mean(values), sitesExcluded: 1 })
  t.equal(layer.poisson!.bitsPerSpike.sitesExcluded, 1)
  t.notOk('reasons' in layer)
})

t.test('what is undefined is null with its reason', async (t) => {
  const silent = furtherScores(folds, counts, { unit: 'count', trials }).sites[2]
  t.match(silent, { feve: null, feveMean: null, bitsPerSpike: null, devianceExplained: null })
  for (const name of ['feve', 'feveMean', 'bitsPerSpike', 'devianceExplained']) t.match(silent.reasons![name], /./, name)

  const { layer, sites } = furtherScores(folds, counts, { unit: 'spikes/s', trials: null })
  t.match(layer, { feve: null, feveMean: null, poisson: null, reasons: { feve: /repetitions/, feveMean: /repetitions/, poisson: /in spikes\/s: .* counts only/ } })
  t.strictSame(sites, [{}, {}, {}])
  t.equal(furtherScores(folds, counts, { unit: 'count', trials: null }).layer.poisson!.deviance.mean, poissonScores(folds, counts).deviance.reduce((a, b) => a + b) / m)
})
