import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { RdmView } from '../../src/domain/rdm.ts'
import { collectOrphans } from '../../src/storage/blob-references.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { addRdmDataset, stimulusIds } from '../helper/rdm-dataset.ts'
import { get, postForm, startRdmService } from '../helper/rdm-service.ts'

const matFile = fs.readFileSync(path.resolve(import.meta.dirname, '../reference/mat5/rdms.mat'))
const names = (labels: readonly string[]): { name: string; bytes: Uint8Array } => ({ name: 'names.csv', bytes: Buffer.from(['stimulus_id', ...labels, ''].join('\n')) })

t.test('given RDMs over HTTP', async (t) => {
  const service = await startRdmService(t)
  const { context } = service
  const dataset = (await addRdmDataset(t, context)).id
  const add = (parts: Parameters<typeof postForm>[2]) => postForm<RdmView>(service, '/rdms', parts)
  const values = async (id: string): Promise<unknown> => (await get<{ values: unknown }>(service, `/rdms/${id}/values`)).body.values

  await t.test('a MAT-file with names beside it', async (t) => {
    const { status, body } = await add({ file: { name: 'rdms.mat', bytes: matFile }, variable: 'RDMs(1).RDM', labels: names(['a', 'b', 'c', 'd']), distance: '1 - Spearman' })
    t.equal(status, 201)
    t.match(body, { kind: 'given', n: 4, by: 'stimulus', labels: ['a', 'b', 'c', 'd'], distance: '1 - Spearman', name: 'RDMs(1).RDM of rdms.mat', of: null, provenance: { file: 'rdms.mat', variable: 'RDMs(1).RDM' } })
    t.strictSame(await values(body.id), [[0, 0.5, 1, 1.5], [0.5, 0, 0.25, 2], [1, 0.25, 0, 0.75], [1.5, 2, 0.75, 0]])
    const npz = new Uint8Array(await (await fetch(`${service.url}/rdms/${body.id}/values?format=npz`)).arrayBuffer())
    const again = await add({ file: { name: 'again.npz', bytes: npz }, name: 'again' })
    t.match(again, { status: 201, body: { name: 'again', labels: ['a', 'b', 'c', 'd'] } }, 'what is downloaded can be given again')
    t.strictSame(await values(again.body.id), await values(body.id))
  })

  await t.test('rows in the order of a dataset, or of its objects', async (t) => {
    const triangle = { name: 'triangle.npy', bytes: encodeNpy(Float64Array.from({ length: 66 }, (_, k) => k / 66), [66]) }
    t.match(await add({ file: triangle, dataset }), { status: 201, body: { labels: stimulusIds, provenance: { dataset: { id: dataset } } } })
    t.match(await add({ file: { name: 'objects.npy', bytes: encodeNpy(Float64Array.of(1, 2, 3, 4, 5, 6), [6]) }, dataset, by: 'object_name' }), { status: 201, body: { labels: ['o0', 'o1', 'o2', 'o3'], by: 'object_name' } })
  })

  await t.test('what cannot be is refused by name, and nothing of it stays', async (t) => {
    const before = (await get<{ items: [] }>(service, '/rdms')).body.items.length
    const mat = { file: { name: 'rdms.mat', bytes: matFile }, variable: 'RDMs(1).RDM' }
    const refusals = [
      [{ ...mat }, { code: 'missing-field', detail: /which stimuli/ }],
      [{ ...mat, labels: names(['a', 'b', 'c']) }, { code: 'count-mismatch', detail: /4 rows, and 3 names/ }],
      [{ ...mat, labels: names(['a', 'b', 'c', 'a']) }, { code: 'duplicate-id', detail: /"a"/ }],
      [{ ...mat, labels: names(['s00', 's01', 's02', 'x']), dataset }, { code: 'count-mismatch', detail: /"x"/ }],
      [{ ...mat, dataset }, { code: 'count-mismatch', detail: /12 names/ }],
    ] as const
    for (const [parts, expected] of refusals) t.match((await add(parts)).body, expected)
    t.match((await add({ name: 'nothing' })).body, { code: 'missing-field', errors: [{ pointer: '/file' }] })
    t.match((await add({ ...mat, colour: 'red' })).body, { code: 'unknown-field', errors: [{ pointer: '/colour' }] })
    t.equal((await get<{ items: [] }>(service, '/rdms')).body.items.length, before)
    t.same(fs.readdirSync(context.home.folders.tmp), [])
    t.same(await collectOrphans(context.db, context.blobs, -1), [])
  })
})
