// Ridge against scikit-learn on the same float32 activations, one thread; then the nested fit of one layer on all cores.
//   npm run bench:ridge -- [ROUNDS]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Matrix } from '../src/domain/matrix.ts'
import { crossValidateRidge, fitRidgeAll } from '../src/encoding/ridge/ridge.ts'
import { makeInnerSplits, makeSplits } from '../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../src/numerics/linear-algebra.ts'
import { encodeNpy } from '../src/numerics/npy.ts'
import { createProducts } from '../src/numerics/products.ts'
import { createRandomState } from '../src/numerics/random/mt19937.ts'
import { createSolverPool } from '../src/pipeline/solver-pool.ts'
import { computeLayerGram } from '../src/pipeline/layer-gram.ts'
import { createSpill } from '../src/pipeline/spill.ts'
import { describeMachine, median, runPeer, say, secondsOf } from './measure.ts'

const [n, p, m] = [2560, 20_000, 168]
const alphas = Array.from({ length: 10 }, (_, i) => 10 ** i)
const ROUNDS = Number(process.argv[2] ?? 3)

/** Activations with a falling spectrum, as a layer's are, and rates that depend on them. */
const makeData = async (): Promise<{ X: Matrix<Float32Array>; Y: Matrix }> => {
  const random = createRandomState(0)
  const rank = 200
  const gaussians = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.gauss())
  const latent: Matrix<Float32Array> = { rows: n, cols: rank, data: gaussians(n * rank).map((x, i) => x / (1 + (i % rank)) ** 0.5) }
  const products = await createProducts({ threads: 2 })
  const X = await products.f32(latent, { rows: rank, cols: p, data: gaussians(rank * p) })
  for (let i = 0; i < X.data.length; i++) X.data[i] += 0.3 * (((i * 2654435761) >>> 8) / 2 ** 24 - 0.5)
  const signal = await products.f32(latent, { rows: rank, cols: m, data: gaussians(rank * m) })
  await products.close()
  return { X, Y: { rows: n, cols: m, data: Float64Array.from(signal.data, (x) => x + 2 * random.gauss()) } }
}

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
try {
  const { X, Y } = await makeData()
  const files = [path.join(folder, 'X.npy'), path.join(folder, 'Y.npy')]
  fs.writeFileSync(files[0], encodeNpy(X.data, [n, p]))
  fs.writeFileSync(files[1], encodeNpy(Y.data, [n, m]))
  const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  const splits = makeInnerSplits({ scheme: 'kfold', folds: 5, shuffle: false, seed: 0 }, 5, rows)

  // As a fit does it: activations on disk, one read, float32 products about the mean, then one eigendecomposition for all folds and alphas.
  const own = async (): Promise<void> => {
    const spill = createSpill(path.join(folder, 'spill'), n, p)
    spill.write(0, X.data)
    const gram = await computeLayerGram(spill, 'f32', { products: tools.products })
    spill.remove()
    const K: Matrix = { rows: n, cols: n, data: gram.K }
    await fitRidgeAll({ K, Y, alphas, alphaUnits: 'absolute', alphaPer: 'site', inner: splits }, tools)
  }
  const seconds = { own: [] as number[], GridSearchCV: [] as number[], RidgeCV: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    seconds.own.push(await secondsOf(own))
    for (const method of ['GridSearchCV', 'RidgeCV'] as const)
      seconds[method].push(runPeer<{ seconds: number[] }>('sklearn_ridge.py', [...files, method, ...alphas], 1).seconds[0])
  }
  const fastest = Math.min(median(seconds.GridSearchCV), median(seconds.RidgeCV))
  say(`ridge, 5 folds x ${alphas.length} alphas, ${n} x ${p} x ${m}, one alpha per site, refit included: ${median(seconds.own).toFixed(1)} s`)
  say(`  scikit-learn (one alpha for all): GridSearchCV ${median(seconds.GridSearchCV).toFixed(1)} s, RidgeCV(cv=5) ${median(seconds.RidgeCV).toFixed(1)} s: ${(fastest / median(seconds.own)).toFixed(1)}x the faster`)

  const spill = createSpill(path.join(folder, 'spill'), n, p)
  spill.write(0, X.data)
  const gram = await computeLayerGram(spill, 'f32', { products: tools.products })
  spill.remove()
  const K: Matrix = { rows: n, cols: n, data: new Float64Array(new SharedArrayBuffer(gram.K.byteLength)) }
  K.data.set(gram.K)
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
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
