import t from 'tap'
import { newId } from '../../src/storage/ids.ts'
import { activationBlobsOf, addActivations, deleteActivations, listActivations, referToActivations, versionsOf } from '../../src/storage/repositories/activations.ts'
import { deleteDataset, insertDataset } from '../../src/storage/repositories/datasets.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { openTestContext, someDataset, someRequest } from '../helper/home.ts'

const { db } = await openTestContext(t)
const sha = (digit: string): string => digit.repeat(64)
const layer = (digit: string) => ({ name: 'activations', shape: [3], units: 3, type: 'f4' as const, sha256: sha(digit), bytes: 200 })
const add = (name: string, dataset: string, digit: string) =>
  addActivations(db, { id: newId(), owner: 'local', name, dataset, sha256: sha(digit), layers: [layer(digit)], source: 'x.npz', uploadSha256: sha('f') })
const referenced = async (digit: string): Promise<boolean> => (await db.query('SELECT 1 FROM blob_references WHERE sha256 = $1', [sha(digit)])).rowCount === 1

t.before(async () => {
  for (const id of ['one', 'two']) await insertDataset(db, someDataset(id))
})

t.test('the activations stored last are the latest, also when they had been there before', async (t) => {
  await add('clip', 'one', '1')
  await add('clip', 'one', '2')
  const again = await add('clip', 'one', '1')
  await add('clip', 'two', '3')
  t.match(again, { name: 'clip', dataset: 'one', layers: [layer('1')], uploadSha256: sha('f'), createdAt: /^\d{4}/ })
  t.same((await versionsOf(db, 'clip', 'one')).map(({ sha256 }) => sha256), [sha('1'), sha('2')])
  t.same((await versionsOf(db, 'clip')).map(({ dataset }) => dataset), ['two', 'one', 'one'])
  t.same(await versionsOf(db, 'dino'), [])
  const page = await listActivations(db, { limit: 2 })
  t.same([page.items.length, (await listActivations(db, { limit: 2, cursor: page.next! })).items.map(({ sha256 }) => sha256)], [2, [sha('2')]])
  t.equal((await listActivations(db, { dataset: 'two' })).items.length, 1)
  await t.rejects(add('clip', 'gone', '1'), { code: 'not-found' })
})

t.test('a layer is a blob that is needed as long as its row is there', async (t) => {
  t.same(await Promise.all(['1', '2', '3', '4'].map(referenced)), [true, true, true, false])
  t.ok((await db.query('SELECT 1 FROM blob_references WHERE sha256 = $1', [sha('b')])).rowCount, 'beside the blobs of datasets')
})

t.test('what a fit rests on stays', async (t) => {
  const version = (await versionsOf(db, 'clip', 'one'))[0]
  await db.transaction(async (tx) => {
    const { id } = await insertFit(tx, { id: newId(), owner: 'local', request: { ...someRequest('one'), backbone: 'activations:clip' } })
    await referToActivations(tx, id, version)
    await referToActivations(tx, id, version)
    await t.rejects(referToActivations(tx, id, { ...version, sha256: sha('9') }), { code: 'not-found' })
  })
  await t.rejects(db.transaction((tx) => deleteActivations(tx, 'clip')), { code: 'activations-in-use' })
  await t.rejects(db.transaction((tx) => deleteActivations(tx, 'clip', 'one')), { code: 'activations-in-use' })
  t.equal((await versionsOf(db, 'clip')).length, 3, 'all of it')
  t.same((await db.transaction((tx) => deleteActivations(tx, 'clip', 'two'))).map(({ dataset }) => dataset), ['two'])
  await t.rejects(db.transaction((tx) => deleteActivations(tx, 'clip', 'two')), { code: 'not-found' })
  await t.rejects(db.transaction((tx) => deleteDataset(tx, 'one')), { code: 'dataset-in-use' })
  t.notOk(await referenced('3'))
})

t.test('activations go with their dataset', async (t) => {
  await add('dino', 'two', '5')
  t.same(await activationBlobsOf(db, 'two'), [sha('5')])
  await db.transaction((tx) => deleteDataset(tx, 'two'))
  t.same(await versionsOf(db, 'dino'), [])
})
