import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { imageZipLimits, openZip } from '../../src/datasets/zip.ts'
import type { ZipArchive } from '../../src/datasets/zip.ts'
import { imageZip, patched, pngLike, refuses, workFolder, writeFile, zipBytes } from './fixtures.ts'

const contents = async (zip: ZipArchive): Promise<Record<string, string>> => {
  const found: Record<string, string> = {}
  for (const entry of zip.entries) found[entry.path] = (await buffer(zip.read(entry))).subarray(8).toString()
  return found
}

t.test('lists and reads images in any order, without what operating systems leave', async (t) => {
  const folder = workFolder(t)
  const file = writeFile(
    folder,
    'a.zip',
    await zipBytes([
      ['set/b.png', pngLike('b')],
      ['__MACOSX/set/._b.png', pngLike('x')],
      ['.DS_Store', pngLike('x')],
      ['set/.hidden/c.png', pngLike('x')],
      ['set/Thumbs.db', pngLike('x')],
      ['set/e\u0301.png', pngLike('e')],
      ['stored.png', pngLike('s')],
    ]),
  )
  const zip = await openZip(file)
  t.teardown(() => zip.close())
  t.same(await contents(zip), { 'set/b.png': 'b', 'set/\u00e9.png': 'e', 'stored.png': 's' }, 'names are NFC')
  t.equal((await buffer(zip.read(zip.entries[0]))).length, 9, 'an entry can be read again')
})

t.test('stored entries and empty archives', async (t) => {
  const folder = workFolder(t)
  const stored = await openZip(writeFile(folder, 's.zip', await zipBytes([['a.png', pngLike('a'.repeat(1000))]], { compress: false })))
  t.equal((await contents(stored))['a.png'].length, 1000)
  stored.close()
  const empty = await openZip(writeFile(folder, 'e.zip', await zipBytes([])))
  t.same(empty.entries, [])
  empty.close()
})

t.test('paths that lead elsewhere are refused, whatever else the archive holds', async (t) => {
  const folder = workFolder(t)
  const bytes = await zipBytes([
    ['good.png', pngLike('g')],
    ['xx/evil.png', pngLike('e')],
  ])
  for (const [evil, why] of [
    ['../evil.png', 'leads out'],
    ['..\\evil.png', 'leads out'],
    ['/tmp/ev.png', 'absolute'],
    ['C:/evil.png', 'absolute'],
    ['a\0/evil.png', 'control'],
  ] as const) {
    const file = writeFile(folder, 'evil.zip', patched(bytes, 'xx/evil.png', evil))
    await refuses(t, () => openZip(file), 'unsafe-path', 'evil.zip', why)
  }
})

t.test('a symbolic link is refused', async (t) => {
  const file = writeFile(workFolder(t), 'link.zip', await zipBytes([['link.png', Buffer.from('/etc/passwd')]], { mode: 0o120777 }))
  await refuses(t, () => openZip(file), 'unsafe-path', 'link.png', 'symbolic link')
})

t.test('bombs: entries, bytes, ratio, lies about sizes, overlaps', async (t) => {
  const folder = workFolder(t)
  const file = writeFile(
    folder,
    'bomb.zip',
    await zipBytes([
      ['a.png', Buffer.alloc(300_000)],
      ['b.png', Buffer.alloc(300_000)],
    ]),
  )
  const limits = imageZipLimits
  await refuses(t, () => openZip(file, { ...limits, entries: 1 }), 'archive-bomb', 'bomb.zip', 'at most 1 entries')
  await refuses(t, () => openZip(file, { ...limits, entryBytes: 299_999 }), 'archive-bomb', 'a.png', '300000')
  await refuses(t, () => openZip(file, { ...limits, totalBytes: 599_999 }), 'archive-bomb', '600000')
  await refuses(t, () => openZip(file, { ...limits, ratioFloor: 1 }), 'archive-bomb', 'times its size')

  const honest = await zipBytes([['a.png', Buffer.alloc(100_000)]])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(100_000)
  const lie = Buffer.alloc(4)
  lie.writeUInt32LE(50)
  const zip = await openZip(writeFile(folder, 'lie.zip', patched(honest, size.toString('latin1'), lie.toString('latin1'))))
  await refuses(t, () => buffer(zip.read(zip.entries[0])), 'archive-bomb', 'a.png', 'more than it states')
  zip.close()

  // every entry of the directory points to the same stored data: more packed bytes than the file has
  const two = await zipBytes(
    Array.from({ length: 3 }, (_, i) => [`${i}.png`, Buffer.alloc(400, 1)] as const),
    { compress: false },
  )
  const packed = Buffer.alloc(8)
  packed.writeUInt32LE(400, 0)
  packed.writeUInt32LE(400, 4)
  const large = Buffer.alloc(8)
  large.writeUInt32LE(900, 0)
  large.writeUInt32LE(900, 4)
  await refuses(
    t,
    () => openZip(writeFile(folder, 'overlap.zip', patched(two, packed.toString('latin1'), large.toString('latin1')))),
    'archive-bomb',
    'overlap',
  )
})

t.test('damage is told from other formats', async (t) => {
  const folder = workFolder(t)
  const file = await imageZip(folder, ['a.png', 'b.png'])
  const bytes = (await import('node:fs')).readFileSync(file.path)
  await refuses(t, () => openZip(writeFile(folder, 'cut.zip', bytes.subarray(0, bytes.length - 30))), 'damaged-file', 'cut.zip', 'cut off')
  await refuses(t, () => openZip(writeFile(folder, 'not.zip', 'hello')), 'unsupported-format', 'not.zip', 'zip archive')
  await refuses(t, () => openZip(writeFile(folder, 'none.zip', '')), 'unsupported-format', 'an empty file')

  const stored = await zipBytes([['a.png', pngLike('content')]], { compress: false })
  const zip = await openZip(writeFile(folder, 'crc.zip', patched(stored, 'content', 'CONTENT')))
  await refuses(t, () => buffer(zip.read(zip.entries[0])), 'damaged-file', 'crc.zip', 'a.png', 'checksum')
  zip.close()
  const method = Buffer.from(stored)
  method.writeUInt16LE(12, method.indexOf('PK\x01\x02', 0, 'latin1') + 10)
  await refuses(t, () => openZip(writeFile(folder, 'bzip2.zip', method)), 'unsupported-format', 'method 12')
  const locked = Buffer.from(stored)
  locked.writeUInt16LE(1, locked.indexOf('PK\x01\x02', 0, 'latin1') + 8)
  await refuses(t, () => openZip(writeFile(folder, 'locked.zip', locked)), 'unsupported-format', 'encrypted')
})
