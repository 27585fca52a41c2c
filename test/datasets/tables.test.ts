import t from 'tap'
import { openCsv, readTable } from '../../src/datasets/csv.ts'
import { groupingColumns, metadataColumns, metadataOfRow, namesInTable } from '../../src/datasets/metadata.ts'
import { readSites } from '../../src/datasets/sites.ts'
import type { SiteAxis } from '../../src/datasets/sites.ts'
import { refuses, workFolder, writeFile } from './fixtures.ts'

t.test('tables: BOM, quotes, CRLF, semicolons, tabs, unnamed columns', async (t) => {
  const folder = workFolder(t)
  const read = async (text: string) => {
    const { columns, rows } = await readTable(writeFile(folder, 'm.csv', text))
    return { columns, rows: rows.map(({ cells }) => cells) }
  }
  t.same(await read('\ufeffa,b\r\n1,"x, y"\r\n\r\n2,"say ""hi"""\r\n'), {
    columns: ['a', 'b'],
    rows: [
      ['1', 'x, y'],
      ['2', 'say "hi"'],
    ],
  })
  t.same(await read('a;b\n1,5;2\n'), { columns: ['a', 'b'], rows: [['1,5', '2']] })
  t.same(await read('a\tb\n 1 \t2'), { columns: ['a', 'b'], rows: [['1', '2']] })
  t.same(await read(',a\n0,x\n1,y\n'), { columns: ['a'], rows: [['x'], ['y']] })
})

t.test('tables that are none', async (t) => {
  const folder = workFolder(t)
  const table = (content: string | Uint8Array) => () => readTable(writeFile(folder, 'm.csv', content))
  await refuses(t, table(''), 'damaged-file', 'm.csv', 'empty')
  await refuses(t, table('a,b\n1,2\n3\n'), 'damaged-file', 'line 3 has 1 cells', 'header has 2')
  await refuses(t, table('a,a\n1,2\n'), 'duplicate-id', '"a"')
  await refuses(t, table('a,b\n1,"2\n'), 'damaged-file', 'm.csv')
  await refuses(t, table(Buffer.from([0x61, 0x0a, 0xe9, 0x0a])), 'damaged-file', 'UTF-8')
  await refuses(t, table(Buffer.from('\x89HDF\r\n\x1a\n\0\0', 'latin1')), 'unsupported-format', 'm.csv')
})

t.test('rows are streamed: leaving early is fine', async (t) => {
  const file = writeFile(workFolder(t), 'big.csv', `a,b\n${'1,2\n'.repeat(200_000)}`)
  const { rows } = await openCsv(file)
  let seen = 0
  for await (const row of rows) if (row.line > 10 && ++seen > 5) break
  t.equal(seen, 6)
})

t.test('metadata names its rows and describes them', async (t) => {
  const folder = workFolder(t)
  const table = await readTable(writeFile(folder, 'm.csv', 'image_id,object_name,filename,rxy\n1,bear,a.png,0.5\n2,dog,e\u0301.png,0.25\n'))
  t.same(namesInTable(table), { file: 'm.csv', rows: 2, stimulusIds: ['1', '2'], filenames: ['a.png', '\u00e9.png'] })
  t.same(metadataColumns(table), ['object_name', 'rxy'])
  t.same(metadataOfRow(table, 1), { object_name: 'dog', rxy: '0.25' })
  await refuses(t, async () => namesInTable(await readTable(writeFile(folder, 'm.csv', 'object\nbear\n'))), 'missing-field', 'm.csv', 'stimulus_id', 'filename')
  await refuses(t, async () => namesInTable(await readTable(writeFile(folder, 'm.csv', 'filename,x\na,1\n,2\n'))), 'missing-field', 'line 3', 'filename')
})

t.test('grouping columns recur and name things', async (t) => {
  const columns = ['object_name', 'category', 'object_id', 'split', 'size', 'unique', 'constant', 'partly']
  const stimuli = Array.from({ length: 8 }, (_, i) => ({
    metadata: {
      object_name: `o${i % 4}`,
      category: `c${i % 2}`,
      object_id: String(i % 4),
      split: i % 2 ? 'train' : 'test',
      size: String(i % 2),
      unique: `u${i}`,
      constant: 'x',
      partly: i % 2 ? 'a' : '',
    },
  }))
  t.same(groupingColumns(columns, stimuli), ['object_name', 'category', 'object_id'])
})

const axis = (given: Partial<SiteAxis>): SiteAxis => ({ file: 'responses.npy', count: 2, ids: null, regions: null, animals: null, metadata: null, ...given })

t.test('sites: numbered, by column, from the table by position or by id', async (t) => {
  const folder = workFolder(t)
  t.same(readSites(axis({ count: 11 }), null, 'IT')[0], { siteId: 'site-01', region: 'IT', metadata: {} })
  t.same(readSites(axis({ ids: ['a', 'b'], regions: ['V4', ''] }), null, null), [
    { siteId: 'a', region: 'V4', metadata: {} },
    { siteId: 'b', region: 'unknown', metadata: {} },
  ])
  const table = await readTable(writeFile(folder, 's.csv', 'site_id,region,animal,x\nb,V4,Chabo,1\na,,,2\n'))
  t.same(readSites(axis({}), table, 'IT'), [
    { siteId: 'b', region: 'V4', animal: 'Chabo', metadata: { x: '1' } },
    { siteId: 'a', region: 'IT', metadata: { x: '2' } },
  ])
  t.same(
    readSites(axis({ ids: ['a', 'b'] }), table, 'IT').map(({ siteId, region }) => [siteId, region]),
    [
      ['a', 'IT'],
      ['b', 'V4'],
    ],
  )
  await refuses(t, () => readSites(axis({ count: 3 }), table, null), 'count-mismatch', 's.csv has 2 rows', 'responses.npy has 3 sites')
  await refuses(t, () => readSites(axis({ ids: ['a', 'c'] }), table, null), 'count-mismatch', 's.csv', ': c')
  await refuses(t, () => readSites(axis({ ids: ['a', 'a'] }), null, null), 'duplicate-id', 'responses.npy', '"a"')
  const twice = await readTable(writeFile(folder, 's.csv', 'site_id\na\na\n'))
  await refuses(t, () => readSites(axis({}), twice, null), 'duplicate-id', 's.csv', '"a"')
})
