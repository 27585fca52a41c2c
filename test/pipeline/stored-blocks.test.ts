import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { StoredLayer } from '../../src/domain/activations.ts'
import type { Pooling } from '../../src/domain/backbone.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { openStoredBlocks } from '../../src/pipeline/stored-blocks.ts'
import { uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'

const n = 3
const store = (folder: string, shape: number[], type: 'f4' | 'f8') => {
  const units = shape.reduce((a, b) => a * b, 1)
  const values = uniforms('blocks', n * units)
  const data = type === 'f4' ? Float32Array.from(values) : values
  const file = path.join(folder, 'layer.npy')
  fs.writeFileSync(file, encodeNpy(data, [n, ...shape]))
  const layer: StoredLayer = { name: 'x', shape, units, type, sha256: '0'.repeat(64), bytes: 0 }
  return { data, open: (pooling: Pooling = 'none') => openStoredBlocks(file, n, layer, pooling), file }
}
/** The matrix that the blocks make up, and the width of each. */
const assemble = async (blocks: ReturnType<typeof openStoredBlocks>) => {
  const { units } = blocks
  const whole = new Float64Array(n * units)
  const widths: number[] = []
  await blocks.eachBlock(async (block, first) => {
    widths.push(block.cols)
    for (let i = 0; i < n; i++) whole.set(block.data.subarray(i * block.cols, (i + 1) * block.cols), i * units + first)
  })
  return { whole, widths }
}

t.test('column blocks and rows give what is stored', async (t) => {
  for (const [type, widths] of [['f4', [20_000, 5001]], ['f8', [10_000, 10_000, 5001]]] as const) {
    const { data, open } = store(temporaryFolder(t), [25_001], type)
    const blocks = open()
    const found = await assemble(blocks)
    t.same(found.widths, widths)
    t.strictSame(found.whole, Float64Array.from(data))
    t.strictSame(blocks.rows(1, 2), data.slice(25_001), `rows keep their type, ${type}`)
    blocks.close()
  }
})

t.test('a grid averages the windows of each channel, as torch does', async (t) => {
  const [C, H, W] = [2500, 5, 3]
  const { data, open } = store(temporaryFolder(t), [C, H, W], 'f8')
  const at = (i: number, c: number, y: number, x: number): number => data[((i * C + c) * H + y) * W + x]
  const blocks = open({ grid: 2 })
  t.equal(blocks.units, C * 4)
  const { whole, widths } = await assemble(blocks)
  t.same(widths, [10_000])
  // Windows of 5 rows in 2: 0-2 and 2-4; of 3 columns in 2: 0-1 and 1-2.
  const mean = (i: number, c: number, rows: number[], columns: number[]): number => rows.flatMap((y) => columns.map((x) => at(i, c, y, x))).reduce((a, b) => a + b, 0) / (rows.length * columns.length)
  const expected = Float64Array.from({ length: n * C * 4 }, (_, k) => mean(Math.floor(k / (4 * C)), Math.floor(k / 4) % C, k % 4 < 2 ? [0, 1, 2] : [2, 3, 4], k % 2 === 0 ? [0, 1] : [1, 2]))
  t.ok(whole.every((x, k) => Math.abs(x - expected[k]) < 1e-15))
  t.strictSame(Float64Array.from(blocks.rows(0, n)), whole)
  blocks.close()
  const wide = open({ grid: 4 })
  const several = await assemble(wide)
  t.equal(wide.units, C * 4 * 3, 'sides that are no longer than the grid stay')
  t.same(several.widths, [9996, 9996, 9996, 12])
  t.strictSame(Float64Array.from(wide.rows(0, n)), several.whole)
  wide.close()
})

t.test('a file that was cut short is noticed', async (t) => {
  const { open, file } = store(temporaryFolder(t), [10], 'f4')
  fs.truncateSync(file, fs.statSync(file).size - 4)
  const blocks = open()
  await t.rejects(assemble(blocks), /end early/)
  blocks.close()
})
