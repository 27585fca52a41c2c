import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { blockUnits, createSpill } from '../../src/pipeline/spill.ts'
import { temporaryFolder } from '../helper/home.ts'

const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
}

t.test('a block stays small in memory', (t) => {
  t.equal(blockUnits(100), 20_000)
  t.equal(blockUnits(2560), 20_000)
  for (const n of [5000, 20_000, 1_000_000]) t.ok(4 * n * blockUnits(n) <= 205e6, `${n} stimuli`)
  t.equal(blockUnits(1e9), 1, 'never none')
  t.end()
})

t.test('rows written batch by batch come back block by block', async (t) => {
  const folder = path.join(temporaryFolder(t), 'spill')
  const [n, units] = [7, 45_001] // three blocks, the last with 5,001 units
  const value = (i: number, k: number): number => i * 100_000 + k
  const spill = createSpill(folder, n, units)
  t.equal(fs.readdirSync(folder).length, 3)
  for (const [first, count] of [[4, 3], [0, 3], [3, 1]]) spill.write(first, Float32Array.from({ length: count * units }, (_, at) => value(first + Math.floor(at / units), at % units)))

  const seen: [number, number][] = []
  await spill.eachBlock(async ({ rows, cols, data }, first) => {
    seen.push([first, cols])
    t.equal(rows, n)
    t.equal(data.length, n * cols)
    t.ok(data.every((x, at) => x === Math.fround(value(Math.floor(at / cols), first + (at % cols)))), `block from unit ${first}`)
  })
  t.same(seen, [[0, 20_000], [20_000, 20_000], [40_000, 5001]])

  spill.remove()
  spill.remove()
  t.notOk(fs.existsSync(folder), 'gone, and removing it again does nothing')
})

t.test('a row that was never written is an error, not zeros', async (t) => {
  const spill = createSpill(path.join(temporaryFolder(t), 'spill'), 3, 4)
  t.teardown(() => spill.remove())
  spill.write(0, new Float32Array(8))
  await t.rejects(spill.eachBlock(async () => undefined), /short/)
})

t.test('a full disk', async (t) => {
  const folder = path.join(temporaryFolder(t), 'spill')
  t.test('while writing', async (t) => {
    const spill = createSpill(folder, 3, 4)
    t.teardown(() => spill.remove())
    t.intercept(fs, 'writevSync', { value: full })
    t.throws(() => spill.write(0, new Float32Array(4)), { code: 'disk-full', message: /VENTRAL_SPILL_GB/ })
  })
  t.test('a write that the system cuts short is written on', async (t) => {
    const spill = createSpill(folder, 3, 4)
    t.teardown(() => spill.remove())
    const write = fs.writevSync
    // five bytes a call, wherever a part ends
    t.intercept(fs, 'writevSync', { value: (fd: number, parts: Uint8Array[], position: number) => write(fd, [parts[0].subarray(0, 5)], position) })
    spill.write(0, Float32Array.from({ length: 12 }, (_, i) => i))
    await spill.eachBlock(async ({ data }) => {
      t.same(Array.from(data), Array.from({ length: 12 }, (_, i) => i))
    })
  })
  t.test('while opening: nothing stays', async (t) => {
    const open = fs.openSync
    let opened = 0
    t.intercept(fs, 'openSync', { value: (...args: Parameters<typeof fs.openSync>) => (++opened > 1 ? full() : open(...args)) })
    t.throws(() => createSpill(folder, 3, 30_000), { code: 'disk-full' })
    t.notOk(fs.existsSync(folder))
  })
})
