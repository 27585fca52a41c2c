// Eigendecomposition of a Gram matrix against numpy's, one thread.
//   npm run bench:eigh -- [ROUNDS [ORDER]]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createLinearAlgebra } from '../src/numerics/linear-algebra.ts'
import { encodeNpy } from '../src/numerics/npy.ts'
import { createProducts } from '../src/numerics/products.ts'
import { computeLayerGram } from '../src/pipeline/layer-gram.ts'
import { inMemory, makeActivations } from './activations.ts'
import { describeMachine, median, runPeer, say, secondsOf } from './measure.ts'

const [rounds = '3', order = '2560'] = process.argv.slice(2)
const n = Number(order)

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
try {
  const products = await createProducts({ threads: 1 })
  const { X } = await makeActivations(n, 2 * n, 1)
  const { K } = await computeLayerGram(inMemory(X), 'f64', { products })
  const file = path.join(folder, 'K.npy')
  fs.writeFileSync(file, encodeNpy(K, [n, n]))
  const la = await createLinearAlgebra()
  const own: number[] = []
  const peer: number[] = []
  let largest = [0, 0]
  for (let round = 0; round < Number(rounds); round++) {
    own.push(await secondsOf(async () => (largest[0] = (await la.eighWith(products, { rows: n, cols: n, data: K }, n)).values.at(-1)!)))
    const answer = runPeer<{ seconds: number[]; largest: number }>('numpy_eigh.py', [file, 1], 1)
    peer.push(answer.seconds[0])
    largest = [largest[0], answer.largest]
  }
  say(`eigh, n = ${n}: ${median(own).toFixed(2)} s, numpy ${median(peer).toFixed(2)} s: ${(median(own) / median(peer)).toFixed(2)} times as long; largest eigenvalues differ by ${(Math.abs(largest[0] / largest[1] - 1)).toExponential(1)}`)
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
