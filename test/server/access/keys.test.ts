import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { ApiKey, NewApiKey } from '../../../src/domain/access.ts'
import type { Page } from '../../../src/storage/page.ts'
import { OPERATOR_KEY, startAccessService } from './service.ts'

const service = await startAccessService(t)
const { ask, context } = service
const json = <T>(text: string): T => JSON.parse(text) as T
const make = async (body: object): Promise<NewApiKey> => {
  const { status, text } = await ask('/keys', { method: 'POST', key: OPERATOR_KEY, body })
  t.equal(status, 201, text)
  return json<NewApiKey>(text)
}
const isAllowed = async (key: string): Promise<number> => (await ask('/datasets', { key })).status

t.test('a key is told once, and only the sha256 of its secret is kept', async (t) => {
  const made = await make({ name: 'scanner', owner: 'alice', scopes: ['read', 'predict'] })
  t.match(made, { name: 'scanner', owner: 'alice', scopes: ['read', 'predict'], status: 'active', expiresAt: null, lastUsedAt: null })
  t.match(made.key, /^ventral_[0-9a-z]{16}_[A-Za-z0-9_-]{43}$/)
  t.ok(made.key.startsWith(made.prefix))
  const secret = made.key.slice(made.prefix.length)
  const { rows } = await context.db.query('SELECT row_to_json(keys)::text AS row FROM keys WHERE id = $1', [made.id])
  t.notMatch((rows[0] as { row: string }).row, secret)
  const { text } = await ask('/keys', { key: OPERATOR_KEY })
  t.notMatch(text, secret)
  const { key: _, ...shown } = made
  t.strictSame(json<Page<ApiKey>>(text).items.find(({ id }) => id === made.id), shown)
})

t.test('secrets are of 256 bits and never the same', async (t) => {
  const keys = await Promise.all(Array.from({ length: 50 }, () => service.newKey('x', ['read'])))
  t.equal(new Set(keys.map(({ key, prefix }) => key.slice(prefix.length))).size, 50)
  for (const { key, prefix } of keys) t.equal(Buffer.from(key.slice(prefix.length), 'base64url').length, 32)
})

t.test('a key works until it is revoked, and its use is noted', async (t) => {
  const { id, key } = await make({ name: 'k', owner: 'alice', scopes: ['read'] })
  t.equal(await isAllowed(key), 200)
  const { items } = json<Page<ApiKey>>((await ask('/keys', { key: OPERATOR_KEY })).text)
  t.ok(Math.abs(Date.parse(items.find((one) => one.id === id)!.lastUsedAt!) - Date.now()) < 60_000)
  t.equal((await ask(`/keys/${id}`, { method: 'DELETE', key: OPERATOR_KEY })).status, 204)
  t.match(await ask('/datasets', { key }), { status: 401, code: 'key-required', text: /revoked/ })
  t.equal((await ask(`/keys/${id}`, { method: 'DELETE', key: OPERATOR_KEY })).status, 204, 'once more changes nothing')
  t.match(await ask('/keys/nosuchkey', { method: 'DELETE', key: OPERATOR_KEY }), { status: 404 })
})

t.test('a key ends at its time', async (t) => {
  const { key } = await make({ name: 'short', owner: 'alice', scopes: ['read'], expiresAt: new Date(Date.now() + 400).toISOString() })
  t.equal(await isAllowed(key), 200)
  await delay(450)
  t.match(await ask('/datasets', { key }), { status: 401, text: /expired/ })
  for (const expiresAt of ['2001-01-01', 'tomorrow', ''])
    t.match(await ask('/keys', { method: 'POST', key: OPERATOR_KEY, body: { name: 'k', owner: 'a', scopes: ['read'], expiresAt } }), { status: 422, code: 'invalid-value' }, expiresAt)
})

t.test('what is nearly a key is none', async (t) => {
  const { key, id } = await make({ name: 'k', owner: 'alice', scopes: ['admin'] })
  const last = key.at(-1) === 'A' ? 'B' : 'A'
  const other = await service.newKey('bob', ['read'])
  const wrong = [`${key.slice(0, -1)}${last}`, key.slice(0, -1), `${key}A`, key.toUpperCase(), `ventral_${id}_`, `${key.slice(0, 25)}${other.key.slice(25)}`, `ventral_${'0'.repeat(16)}_${'A'.repeat(43)}`, 'x', `${OPERATOR_KEY}x`]
  for (const sent of wrong) t.match(await ask('/datasets', { key: sent }), { status: 401, code: 'key-required' }, sent)
  t.match(await ask('/datasets', { headers: { authorization: `Basic ${key}` } }), { status: 401 })
  t.equal(await isAllowed(key), 200)
})

t.test('rotation makes another key of the same rights, and ends the old one when it is told to', async (t) => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  const old = await make({ name: 'k', owner: 'alice', scopes: ['read'], expiresAt })
  const rotate = (id: string, body: object = {}) => ask(`/keys/${id}/rotate`, { method: 'POST', key: OPERATOR_KEY, body })
  const next = json<NewApiKey>((await rotate(old.id, { graceSeconds: 1 })).text)
  t.match(next, { name: 'k', owner: 'alice', scopes: ['read'], status: 'active' })
  t.not(next.key, old.key)
  t.ok(Math.abs(Date.parse(next.expiresAt!) - Date.parse(expiresAt)) < 60_000, 'it lives as long as the old one was given')
  t.same([await isAllowed(old.key), await isAllowed(next.key)], [200, 200], 'both work meanwhile')
  t.match(await rotate(old.id), { status: 422, text: /was rotated to/ })
  await delay(1100)
  t.same([await isAllowed(old.key), await isAllowed(next.key)], [401, 200])
  const last = json<NewApiKey>((await rotate(next.id)).text)
  t.same([await isAllowed(next.key), await isAllowed(last.key)], [401, 200], 'without grace the old one ends at once')
  await ask(`/keys/${last.id}`, { method: 'DELETE', key: OPERATOR_KEY })
  t.match(await rotate(last.id), { status: 422, text: /revoked/ })
  t.match(await rotate('nosuchkey'), { status: 404 })
})

t.test('what a key cannot be is refused', async (t) => {
  const good = { name: 'k', owner: 'alice', scopes: ['read'] }
  const wrong = [{ ...good, scopes: [] }, { ...good, scopes: ['root'] }, { ...good, owner: 'Alice!' }, { ...good, owner: '' }, { ...good, name: '' }, { ...good, name: 'a\nb' }, { ...good, extra: 1 }, { name: 'k', scopes: ['read'] }]
  for (const body of wrong) t.equal((await ask('/keys', { method: 'POST', key: OPERATOR_KEY, body })).status, 422, JSON.stringify(body))
})

t.test('weights of what is built in are everybody’s, and take an administrator', async (t) => {
  const { key } = await service.newKey('alice', ['write'])
  const put = (sent: string) => ask('/backbones/squeezenet1_1/weights', { method: 'PUT', key: sent, body: Buffer.from('no checkpoint') })
  t.match(await put(key), { status: 403, code: 'forbidden' })
  t.equal((await put(OPERATOR_KEY)).status, 415)
})

t.test('on loopback without VENTRAL_API_KEY none is needed, but one that is sent counts', async (t) => {
  const open = await startAccessService(t, { apiKey: null })
  t.equal((await open.ask('/keys')).status, 200)
  const { key } = await open.newKey('alice', ['predict'])
  t.match(await open.ask('/keys', { key }), { status: 403, code: 'forbidden' })
  t.match(await open.ask('/keys', { key: 'wrong' }), { status: 401 })
})
