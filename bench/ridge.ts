// Ridge against scikit-learn and himalaya on the same float32 activations in memory, one thread; then the nested fit of one layer on all cores.
//   npm run bench:ridge -- [ROUNDS]
import os from 'node:os'
import path from 'node:path'
import type { Matrix } from '../src/domain/matrix.ts'
import { crossValidateRidge, fitRidgeAll } from '../src/encoding/ridge/ridge.ts'
import { makeInnerSplits, makeSplits } from '../src/encoding/splits/make-splits.ts'
import { createSolverPool } from '../src/pipeline/solver-pool.ts'
import { computeLayerGram } from '../src/pipeline/layer-gram.ts'
import { createSpill } from '../src/pipeline/spill.ts'
import type { UnitBlocks } from '../src/pipeline/unit-blocks.ts'
import { inMemory, sideBySide } from './activations.ts'
import { describeMachine, median, runPeer, say, secondsOf, tryPeer } from './measure.ts'

const [n, p, m] = [2560, 20_000, 168]
const alphas = Array.from({ length: 10 }, (_, i) => 10 ** i)
const ROUNDS = Number(process.argv[2] ?? 3)

describeMachine()
await sideBySide([n, p, m], (X) => X, async ({ X, Y, folder, files, tools }) => {
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  const splits = makeInnerSplits({ scheme: 'kfold', folds: 5, shuffle: false, seed: 0 }, 5, rows)

  const gramOf = async (activations: UnitBlocks): Promise<Matrix> => ({ rows: n, cols: n, data: (await computeLayerGram(activations, 'f32', { products: tools.products })).K })
  const fit = async (K: Matrix): Promise<unknown> => fitRidgeAll({ K, Y, alphas, alphaUnits: 'absolute', alphaPer: 'site', inner: splits }, tools)
  const spilled = async (): Promise<Matrix> => {
    const spill = createSpill(path.join(folder, 'spill'), n, p)
    try {
      spill.write(0, X.data)
      return await gramOf(spill)
    } finally {
      spill.remove()
    }
  }
  // Float32 products about the mean, then one eigendecomposition for all folds and alphas; from memory as the peers have it, and by way of the disk as a fit does it.
  const seconds = { own: [] as number[], disk: [] as number[], GridSearchCV: [] as number[], RidgeCV: [] as number[], himalaya: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    seconds.own.push(await secondsOf(async () => fit(await gramOf(inMemory(X)))))
    seconds.disk.push(await secondsOf(async () => fit(await spilled())))
    for (const method of ['GridSearchCV', 'RidgeCV'] as const)
      seconds[method].push(runPeer<{ seconds: number[] }>('sklearn_ridge.py', [...files, method, ...alphas], 1).seconds[0])
    const himalaya = tryPeer<{ seconds: number[] }>('himalaya_ridge.py', [...files, ...alphas], 1)
    if (himalaya !== null) seconds.himalaya.push(himalaya.seconds[0])
  }
  const own = median(seconds.own)
  const fastest = Math.min(median(seconds.GridSearchCV), median(seconds.RidgeCV))
  say(`ridge, 5 folds x ${alphas.length} alphas, ${n} x ${p} x ${m}, one alpha per site, refit included: ${own.toFixed(1)} s (by way of the disk ${median(seconds.disk).toFixed(1)} s)`)
  say(`  scikit-learn (one alpha for all): GridSearchCV ${median(seconds.GridSearchCV).toFixed(1)} s, RidgeCV(cv=5) ${median(seconds.RidgeCV).toFixed(1)} s: ${(fastest / own).toFixed(1)}x the faster`)
  if (seconds.himalaya.length > 0) say(`  himalaya KernelRidgeCV, numpy (one alpha per site): ${median(seconds.himalaya).toFixed(1)} s: ${(median(seconds.himalaya) / own).toFixed(2)}x`)

  const K: Matrix = { rows: n, cols: n, data: new Float64Array(new SharedArrayBuffer(8 * n * n)) }
  K.data.set((await gramOf(inMemory(X))).data)
  say(`  plain cross-validation from the Gram matrix: ${(await secondsOf(() => crossValidateRidge({ K, Y, alphas, alphaUnits: 'absolute', alphaPer: 'site' }, splits, tools))).toFixed(1)} s`)

  const threads = os.availableParallelism()
  const pool = createSolverPool(threads)
  const mapping = { method: 'ridge' as const, alphas: Array.from({ length: 17 }, (_, i) => 10 ** (-1 + i / 2)), alphaUnits: 'absolute' as const, alphaPer: 'site' as const, inner: { folds: 5 } }
  const request = { scheme: 'kfold' as const, folds: 10, shuffle: true, seed: 1 }
  const nested = async (): Promise<void> => {
    const outer = makeSplits(request, n)
    const inner = { request, by: mapping.inner, columns: {} }
    await Promise.all([pool.run('refit', { K, Y, mapping, inner }), ...outer.map((split) => pool.run('fold', { K, Y, mapping, split, inner }))])
  }
  say(`nested 10 x 5, 17 alphas, n = ${n}, ${m} sites, ${threads} threads, refit included: ${(await secondsOf(nested)).toFixed(1)} s a layer`)
  await pool.close()
  say(`peak RSS of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
})
