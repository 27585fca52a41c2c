import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Matrix } from '../src/domain/matrix.ts'
import { createLinearAlgebra } from '../src/numerics/linear-algebra.ts'
import { encodeNpy } from '../src/numerics/npy.ts'
import { createProducts } from '../src/numerics/products.ts'
import type { Products } from '../src/numerics/products.ts'
import type { LinearAlgebra } from '../src/numerics/linear-algebra.ts'
import { createRandomState } from '../src/numerics/random/mt19937.ts'
import type { UnitBlocks } from '../src/pipeline/unit-blocks.ts'

/** Columns that are made at a time. */
const BLOCK = 10_000
const RANK = 200

/** Activations with a falling spectrum, as a layer's are, and rates that depend on them: X (stimulus x unit) float32, Y (stimulus x site). */
export const makeActivations = async (n: number, p: number, m: number): Promise<{ X: Matrix<Float32Array>; Y: Matrix }> => {
  const random = createRandomState(0)
  const gaussians = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.gauss())
  const latent: Matrix<Float32Array> = { rows: n, cols: RANK, data: gaussians(n * RANK).map((x, i) => x / (1 + (i % RANK)) ** 0.5) }
  const products = await createProducts({ threads: 2 })
  const X: Matrix<Float32Array> = { rows: n, cols: p, data: new Float32Array(n * p) }
  for (let from = 0; from < p; from += BLOCK) {
    const width = Math.min(BLOCK, p - from)
    const part = await products.f32(latent, { rows: RANK, cols: width, data: gaussians(RANK * width) })
    for (let i = 0; i < n; i++) X.data.set(part.data.subarray(i * width, (i + 1) * width), i * p + from)
  }
  for (let i = 0; i < X.data.length; i++) X.data[i] += 0.3 * ((Math.imul(i, 2654435761) >>> 8) / 2 ** 24 - 0.5)
  const signal = await products.f32(latent, { rows: RANK, cols: m, data: gaussians(RANK * m) })
  await products.close()
  return { X, Y: { rows: n, cols: m, data: Float64Array.from(signal.data, (x) => x + 2 * random.gauss()) } }
}

/** Activations in memory as a Gram matrix reads them. */
export const inMemory = (X: Matrix<Float32Array>): UnitBlocks => ({ stimuli: X.rows, units: X.cols, eachBlock: (visit) => visit(X, 0) })

/** What a bench beside peers works on: matrices that both sides take, the peers' as X.npy and Y.npy in `folder`, and tools of one thread. */
export interface SideBySide<X> {
  X: X
  Y: Matrix
  folder: string
  files: string[]
  tools: { la: LinearAlgebra; products: Products }
}

/** Runs `work` on activations as `convert` makes them, which peers find in files that are gone afterwards. */
export const sideBySide = async <X extends Matrix<Float32Array> | Matrix>(
  [n, p, m]: readonly [number, number, number],
  convert: (X: Matrix<Float32Array>) => X,
  work: (bench: SideBySide<X>) => Promise<void>,
): Promise<void> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
  try {
    const made = await makeActivations(n, p, m)
    const X = convert(made.X)
    const files = [path.join(folder, 'X.npy'), path.join(folder, 'Y.npy')]
    fs.writeFileSync(files[0], encodeNpy(X.data, [n, p]))
    fs.writeFileSync(files[1], encodeNpy(made.Y.data, [n, m]))
    await work({ X, Y: made.Y, folder, files, tools: { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) } })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
