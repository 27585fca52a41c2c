import t from 'tap'
import { openPackWriter } from '../../src/datasets/stimuli-pack.ts'
import { firstBytes, quoted, readFully, reportFullDisk, sha256OfFile, some } from '../../src/datasets/source-file.ts'
import fs from 'node:fs'
import path from 'node:path'
import { pngLike, refuses, workFolder, writeFile } from './fixtures.ts'

t.test('a full disk is told as such, other failures are passed on', async (t) => {
  const failing = (code: string) => () => reportFullDisk(() => Promise.reject(Object.assign(new Error('write'), { code })))
  await refuses(t, failing('ENOSPC'), 'disk-full', 'disk is full')
  await refuses(t, failing('EDQUOT'), 'disk-full')
  await t.rejects(failing('EIO'), { code: 'EIO' })
})

t.test('a real full disk', { skip: fs.existsSync('/dev/full') ? false : 'needs /dev/full' }, async (t) => {
  const full = await fs.promises.open('/dev/full', 'w')
  t.teardown(() => full.close())
  await refuses(t, () => reportFullDisk(() => full.write('x')), 'disk-full')
})

t.test('bytes of files', async (t) => {
  const folder = workFolder(t)
  const file = writeFile(folder, 'a', 'hello')
  t.equal(await sha256OfFile(file.path), '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
  t.equal((await firstBytes(file.path, 10, 2)).toString(), 'llo')
  const handle = await fs.promises.open(file.path)
  const bytes = new Uint8Array(3)
  await readFully(handle, bytes, 1)
  t.equal(Buffer.from(bytes).toString(), 'ell')
  await t.rejects(readFully(handle, bytes, 3), { message: /ends at byte 5/ })
  await handle.close()
})

t.test('words for messages', async (t) => {
  t.equal(some(['a', 'b', 'c']), 'a, b, c')
  t.equal(some(['a', 'b', 'c', 'd']), 'a, b, c and 1 more')
  t.equal(quoted('a\nb'), '"a\\nb"')
  t.ok(quoted('x'.repeat(1000)).length < 100)
})

t.test('a pack takes images in any pieces, and only images', async (t) => {
  const file = path.join(workFolder(t), 'pack')
  const writer = await openPackWriter(file)
  const [one, two] = [pngLike('one'), pngLike('two2')]
  t.match(await writer.append('1', [one]), { offset: 0, bytes: one.length })
  t.match(
    await writer.append(
      '2',
      Array.from(two, (byte) => Uint8Array.of(byte)),
    ),
    { offset: one.length, bytes: two.length },
    'byte by byte',
  )
  await refuses(t, () => writer.append('notes.txt', [Buffer.from('hello there')]), 'not-an-image', 'notes.txt', '68656c6c6f207468')
  await refuses(t, () => writer.append('nothing.png', []), 'not-an-image', 'an empty file')
  await writer.close()
  t.ok(
    fs
      .readFileSync(file)
      .subarray(0, one.length + two.length)
      .equals(Buffer.concat([one, two])),
  )
})
