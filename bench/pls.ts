// PCA fitted inside each fold, then PLS, against scikit-learn's pipeline, one thread: one of its folds is timed and scaled.
//   npm run bench:pls -- [FOLDS [STIMULI [UNITS [PCA]]]]
import type { Matrix } from '../src/domain/matrix.ts'
import { fitPlsFold } from '../src/encoding/pls/pls.ts'
import { makeSplits } from '../src/encoding/splits/make-splits.ts'
import { computeLayerGram } from '../src/pipeline/layer-gram.ts'
import { inMemory, sideBySide } from './activations.ts'
import { describeMachine, median, runPeer, say, secondsOf } from './measure.ts'

const [foldCount = '10', stimuli = '2560', width = '100352', kept = '1000'] = process.argv.slice(2)
const [n, p, m] = [Number(stimuli), Number(width), 168]
const [pca, components] = [Number(kept), 25]
const FOLDS = Number(foldCount)

describeMachine()
await sideBySide([n, p, m], (X) => X, async ({ X, Y, files, tools }) => {
  const splits = makeSplits({ scheme: 'kfold', folds: FOLDS, shuffle: false, seed: 0 }, n)
  let K: Matrix | null = null
  const gram = await secondsOf(async () => {
    K = { rows: n, cols: n, data: (await computeLayerGram(inMemory(X), 'f32', { products: tools.products })).K }
  })
  const folds: number[] = []
  let r = 0
  for (const [f, split] of splits.entries()) {
    folds.push(
      await secondsOf(async () => {
        const { predictions } = await fitPlsFold({ K: K!, Y, ...split, components, yScale: 'none', pca }, tools)
        if (f === 0) r = median(Array.from({ length: m }, (_, j) => pearson(predictions, Y, split.test, j)))
      }),
    )
  }
  const own = gram + folds.reduce((a, b) => a + b, 0)
  say(`PCA ${pca} in each of ${FOLDS} folds, then PLS ${components}, ${n} x ${p} x ${m}: ${own.toFixed(1)} s (Gram matrix ${gram.toFixed(1)} s, a fold ${median(folds).toFixed(1)} s); median r of the first fold ${r.toFixed(3)}`)
  for (const solver of ['randomized', 'full']) {
    const peer = runPeer<{ seconds: number[]; pca: number; r: number; peakRssMb: number }>('sklearn_pls.py', [...files, splits[0].test.length, pca, components, solver], 1)
    say(`  scikit-learn, svd_solver="${solver}": ${peer.seconds[0].toFixed(1)} s a fold (PCA ${peer.pca.toFixed(1)} s), ${(FOLDS * peer.seconds[0]).toFixed(0)} s for all: ${((FOLDS * peer.seconds[0]) / own).toFixed(1)}x; median r ${peer.r.toFixed(3)}, peak ${peer.peakRssMb.toFixed(0)} MB`)
  }
  say(`peak RSS of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB, ${((4 * n * p) / 1e6).toFixed(0)} MB of it the activations`)
})

function pearson(predictions: Matrix, responses: Matrix, rows: Int32Array, j: number): number {
  const pairs = Array.from(rows, (row, i) => [predictions.data[i * predictions.cols + j], responses.data[row * responses.cols + j]])
  const means = [0, 1].map((c) => pairs.reduce((sum, pair) => sum + pair[c], 0) / pairs.length)
  const [pp, yy, py] = pairs.reduce(([a, b, c], [p, y]) => [a + (p - means[0]) ** 2, b + (y - means[1]) ** 2, c + (p - means[0]) * (y - means[1])], [0, 0, 0])
  return py / Math.sqrt(pp * yy)
}
