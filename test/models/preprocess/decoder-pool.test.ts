import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import sharp from 'sharp'
import t from 'tap'
import { createDecoderPool } from '../../../src/models/preprocess/decoder-pool.ts'
import { describeImage } from '../../../src/models/preprocess/describe-image.ts'
import { toPixels } from '../../../src/models/preprocess/to-pixels.ts'

const size = 32
const picture = (seed: number): Promise<Buffer> => {
  const data = Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (Math.imul(i + 1, 2654435761 + seed) >>> 16) & 255)
  return sharp(data, { raw: { width: 60, height: 40, channels: 3 } }).jpeg().toBuffer()
}
const pictures = await Promise.all([1, 2, 3, 4, 5].map(picture))

t.test('batches are what toPixels gives image by image, in order', async (t) => {
  const pool = createDecoderPool({ threads: 2, size })
  t.teardown(() => pool.close())
  const expected = await Promise.all(pictures.map((bytes) => toPixels(bytes, 'x', { width: size, height: size })))
  const batches = await Promise.all([[0, 1, 2], [3], [4, 0], []].map((batch) => pool.decodeBatch(batch.map((i) => pictures[i]))))
  for (const [b, batch] of [[0, 1, 2], [3], [4, 0], []].entries()) {
    t.strictSame(batches[b], Float32Array.from(batch.flatMap((i) => [...expected[i]])), `batch ${b}`)
  }
  t.strictSame(await pool.describeBatch(pictures.slice(0, 2)), [await describeImage(pictures[0], 'x'), await describeImage(pictures[1], 'x')])
})

t.test('an error names the image, and the pool goes on', async (t) => {
  const pool = createDecoderPool({ size })
  t.teardown(() => pool.close())
  const cut = pictures[0].subarray(0, 500)
  await t.rejects(pool.decodeBatch([pictures[0], cut]), { name: 'VentralError', code: 'truncated-image', message: /^image 2 is truncated/, errors: [{ pointer: 'image 2' }] })
  await t.rejects(pool.decodeBatch([pictures[0], Buffer.from('text')], ['a.jpg', 'b.jpg']), { code: 'not-an-image', message: /^b\.jpg is/ })
  await t.rejects(pool.describeBatch([cut], ['c.jpg']), { code: 'truncated-image', message: /^c\.jpg/ })
  t.equal((await pool.decodeBatch([pictures[1]])).length, 3 * size * size)
})

t.test('the caller\'s bytes stay the caller\'s, views of a larger buffer too', async (t) => {
  const pool = createDecoderPool({ size })
  t.teardown(() => pool.close())
  const pack = Buffer.concat([pictures[0], pictures[1]])
  const views = [pack.subarray(0, pictures[0].length), pack.subarray(pictures[0].length)]
  const first = await pool.decodeBatch(views)
  t.strictSame(pack, Buffer.concat([pictures[0], pictures[1]]))
  t.strictSame(await pool.decodeBatch(views), first)
})

t.test('a pool that was not closed does not keep the process alive', async (t) => {
  const module = new URL('../../../src/models/preprocess/decoder-pool.ts', import.meta.url).href
  const script = `const { createDecoderPool } = await import(${JSON.stringify(module)})
    const pool = createDecoderPool({ size: 8 })
    console.log((await pool.decodeBatch([Buffer.from(${JSON.stringify(pictures[0].toString('base64'))}, 'base64')])).length)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 })
  t.equal(stdout.trim(), '192')
})
