import fc from 'fast-check'
import t from 'tap'
import { collectOrphans, holdBlobs, releaseBlobs } from '../../src/storage/blob-references.ts'
import { newId } from '../../src/storage/ids.ts'
import { deleteDataset, insertDataset, listDatasets } from '../../src/storage/repositories/datasets.ts'
import { insertFit, listFits } from '../../src/storage/repositories/fits.ts'
import { canonicalSha256, claimIdempotencyKey, onceInTransaction, type IdempotencyKey, type StoredAnswer } from '../../src/storage/repositories/idempotency.ts'
import { openTestContext, someDataset, someRequest } from '../helper/home.ts'

const context = await openTestContext(t)
const { db, blobs, queue } = context
await insertDataset(db, someDataset('d'))

const key = (change: Partial<IdempotencyKey> = {}): IdempotencyKey => ({
  owner: 'local',
  route: 'POST /fit',
  key: 'one',
  bodySha256: canonicalSha256({ a: 1 }),
  ...change,
})

const createFit = (idempotency: IdempotencyKey): Promise<StoredAnswer & { replayed: boolean }> =>
  onceInTransaction(db, idempotency, async (tx) => {
    const fit = await insertFit(tx, { id: newId(), owner: 'local', request: someRequest('d') })
    await queue.enqueueFit(tx, fit)
    return { status: 202, headers: { location: `/fits/${fit.id}` }, body: { id: fit.id } }
  })

t.test('100 requests at once with one key make one fit, and all get its answer', async (t) => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => createFit(key())))
  const fits = (await listFits(db)).items
  t.equal(fits.length, 1)
  t.equal(answers.filter((answer) => !answer.replayed).length, 1)
  const one = { status: 202, headers: { location: `/fits/${fits[0].id}` }, body: { id: fits[0].id } }
  for (const { replayed: _, ...answer } of answers) t.strictSame(answer, one)
})

t.test('a key is of its owner and route, and of one body', async (t) => {
  await t.rejects(createFit(key({ bodySha256: canonicalSha256({ a: 2 }) })), { code: 'idempotency-key-reused' })
  t.equal((await createFit(key({ owner: 'somebody else' }))).replayed, false)
  t.equal((await createFit(key({ route: 'POST /datasets' }))).replayed, false)
  await t.rejects(createFit(key({ key: '' })), { code: 'invalid-request' })
  await t.rejects(createFit(key({ key: 'x'.repeat(256) })), { code: 'invalid-request' })
})

t.test('work that fails leaves its key free, also for those that were waiting for it', async (t) => {
  let times = 0
  const attempt = (): Promise<StoredAnswer> =>
    onceInTransaction(db, key({ key: 'fails first' }), async () => {
      if (++times === 1) throw new Error('no luck')
      return { status: 201, headers: {}, body: times }
    })
  const outcomes = await Promise.allSettled([attempt(), attempt(), attempt()])
  t.equal(outcomes.filter((outcome) => outcome.status === 'rejected').length, 1)
  t.equal(times, 2)
})

t.test('a key without an answer is never left by a transaction', async (t) => {
  t.equal(await db.transaction((tx) => claimIdempotencyKey(tx, key({ key: 'unanswered' }))), null)
  await t.rejects(createFit(key({ key: 'unanswered' })), /without its answer/)
})

t.test('the sha256 of a body does not depend on the order of its keys, but on everything else', async (t) => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).toReversed().map(([name, inner]) => [name, shuffled(inner)]))
        : value
  fc.assert(fc.property(fc.jsonValue(), (value) => canonicalSha256(value) === canonicalSha256(shuffled(value))))
  t.not(canonicalSha256([1, 2]), canonicalSha256([2, 1]))
  t.not(canonicalSha256({ a: 1 }), canonicalSha256({ a: '1' }))
})

t.test('blobs go with the last row that names them', async (t) => {
  const put = async (text: string): Promise<string> => (await blobs.put(Buffer.from(text))).sha256
  const [shared, own, other] = [await put('shared'), await put('own'), await put('other')]
  await insertDataset(db, someDataset('first', { manifest: own, responses: shared, stimuli: shared }))
  await insertDataset(db, someDataset('second', { manifest: other, responses: shared, stimuli: shared }))
  const gone = await db.transaction((tx) => deleteDataset(tx, 'first'))
  t.same(await releaseBlobs(db, blobs, [gone.manifest, gone.responses, gone.stimuli!]), [own])
  t.same(await Promise.all([shared, own, other].map((sha256) => blobs.has(sha256))), [true, false, true])
  t.same(await collectOrphans(db, blobs, -1), [], 'nothing else is without a row')
  const orphan = await put('orphan')
  t.same(await collectOrphans(db, blobs), [], 'what is new may be of work under way')
  t.same(await collectOrphans(db, blobs, -1), [orphan])
})

t.test('a row is not committed on blobs that were let go of meanwhile, nor are blobs deleted under a row that is being written', async (t) => {
  const { sha256 } = await blobs.put(Buffer.from('raced'))
  const order: string[] = []
  const writing = db.transaction(async (tx) => {
    await holdBlobs(tx, blobs, [sha256])
    const releasing = releaseBlobs(db, blobs, [sha256]).then((freed) => order.push(`released ${freed.length}`))
    await insertDataset(tx, someDataset('raced', { manifest: sha256 }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    order.push('written')
    return { releasing }
  })
  await (await writing).releasing
  t.same(order, ['written', 'released 0'])
  t.ok(await blobs.has(sha256))
  const { sha256: second } = await blobs.put(Buffer.from('released first'))
  t.same(await releaseBlobs(db, blobs, [second]), [second])
  await t.rejects(
    db.transaction(async (tx) => {
      await holdBlobs(tx, blobs, [second])
      await insertDataset(tx, someDataset('too late', { manifest: second }))
    }),
    { code: 'busy' },
  )
  t.notOk((await listDatasets(db)).items.some((dataset) => dataset.id === 'too late'))
})
