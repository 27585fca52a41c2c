import t from 'tap'
import type { AuditEntry } from '../../../src/domain/access.ts'
import type { Page } from '../../../src/storage/page.ts'
import { someForm } from './resources.ts'
import { OPERATOR_KEY, startAccessService } from './service.ts'

const service = await startAccessService(t)
const { ask, newKey, context } = service
const entries = async (query = ''): Promise<AuditEntry[]> => (JSON.parse((await ask(`/audit?limit=1000${query}`, { key: OPERATOR_KEY })).text) as Page<AuditEntry>).items

t.test('what changes something is in the log when its answer comes: who, what, when, which, how it ended', async (t) => {
  const { key, id } = await newKey('alice', ['write'])
  const made = await ask('/datasets', { method: 'POST', key, body: await someForm() })
  const location = made.headers.get('location')!
  await ask(location, { method: 'DELETE', key })
  await ask(`${location}?force=secret`, { method: 'DELETE', key })
  const mine = await entries(`&key=${id}`)
  t.match(mine, [
    { owner: 'alice', key: id, action: 'DELETE /datasets/:id', resource: location, status: 404, code: 'not-found' },
    { owner: 'alice', key: id, action: 'DELETE /datasets/:id', resource: location, status: 204, code: null },
    { owner: 'alice', key: id, action: 'POST /datasets', resource: location, status: 201, code: null, address: '127.0.0.1' },
  ])
  for (const { at } of mine) t.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000)
  t.same((await entries('&owner=alice')).slice(0, 3), mine)
})

t.test('refusals of who asks are in it; reading and predicting are not', async (t) => {
  const { key, id } = await newKey('bob', ['read', 'predict'])
  await ask('/datasets', { key })
  await ask('/predict?encoder=nosuchencoder', { method: 'POST', key, body: new Uint8Array([1]) })
  t.same(await entries(`&key=${id}`), [])
  await ask('/keys', { key })
  t.match(await entries(`&key=${id}`), [{ action: 'GET /keys', status: 403, code: 'forbidden', owner: 'bob' }])
  await ask('/fits/x', { key: `ventral_${'0'.repeat(16)}_${'A'.repeat(43)}` })
  t.match((await entries()).find(({ status }) => status === 401), { owner: null, key: null, action: 'GET /fits/:id', resource: '/fits/x', code: 'key-required' })
})

t.test('no secret is in it, and strangers cannot fill it', async (t) => {
  const { text } = await ask('/keys', { method: 'POST', key: OPERATOR_KEY, body: { name: 'k', owner: 'carol', scopes: ['read'] } })
  const { key } = JSON.parse(text) as { key: string }
  await ask('/datasets?token=in-the-query', { method: 'POST', key })
  const all = JSON.stringify(await entries())
  for (const secret of [key, OPERATOR_KEY, key.slice(-43), 'in-the-query']) t.notMatch(all, secret)
  const before = (await entries()).length
  for (let i = 0; i < 150; i++) await ask('/fits')
  const more = (await entries()).length - before
  t.ok(more >= 50 && more <= 105, `${more} of 150`)
})

t.test('entries stay as they are', async (t) => {
  for (const statement of ["UPDATE audit SET owner = 'nobody'", 'DELETE FROM audit', 'TRUNCATE audit']) await t.rejects(context.db.query(statement), /stays as it is/, statement)
})

t.test('what cannot be logged is not answered as done', async (t) => {
  const { id } = await newKey('dora', ['read'])
  await context.db.query('ALTER TABLE audit RENAME TO audit_away')
  t.match(await ask('/keys/nosuchkey', { method: 'DELETE', key: OPERATOR_KEY }), { status: 404, code: 'not-found' }, 'a refusal did nothing')
  t.match(await ask(`/keys/${id}`, { method: 'DELETE', key: OPERATOR_KEY }), { status: 503, code: 'busy' })
  t.equal((await ask('/datasets', { key: OPERATOR_KEY })).status, 200, 'reading goes on')
  await context.db.query('ALTER TABLE audit_away RENAME TO audit')
})
