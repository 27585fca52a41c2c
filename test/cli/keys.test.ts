import path from 'node:path'
import t from 'tap'
import type { ApiKey, AuditEntry, NewApiKey } from '../../src/domain/access.ts'
import { serveVentral, ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'

t.test('keys are made, used, rotated and revoked through a running server, and the audit log tells of it', async (t) => {
  const home = path.join(temporaryFolder(t), 'home')
  const operator = { VENTRAL_API_KEY: 'whoever runs it' }
  const { url } = await serveVentral(t, home, { ...operator, VENTRAL_LOG_LEVEL: 'warn' })
  const run = async <T>(args: string[], env: Record<string, string> = operator): Promise<T> => {
    const { status, out, err } = await ventral([...args, '--url', url, '--json'], env)
    t.equal(status, 0, err)
    return JSON.parse(out) as T
  }
  const made = await run<NewApiKey>(['keys', 'add', 'scanner', '--owner', 'alice', '--scopes', 'read,predict', '--expires', '90d'])
  t.match(made, { name: 'scanner', owner: 'alice', scopes: ['read', 'predict'], status: 'active' })
  t.ok(Math.abs(Date.parse(made.expiresAt!) - Date.now() - 90 * 86_400_000) < 60_000)
  t.strictSame(await run(['dataset', 'list'], { VENTRAL_API_KEY: made.key }), [])

  const refused = await ventral(['keys', 'list', '--url', url], { VENTRAL_API_KEY: made.key })
  t.equal(refused.status, 1)
  t.match(refused.err, 'This takes a key with the scope "admin"; this one has read, predict.')

  const { out, err } = await ventral(['keys', 'rotate', made.id, '--grace', '1h', '--url', url], operator)
  const next = out.trim()
  t.match(next, /^ventral_[0-9a-z]{16}_[A-Za-z0-9_-]{43}$/, 'the key alone is on stdout')
  t.match(err, `${made.id} works for another 1h`)
  const listed = await run<ApiKey[]>(['keys', 'list'])
  t.match(listed, [{ name: 'scanner', replacedBy: null }, { id: made.id, status: 'active', replacedBy: listed[0].id }])

  await run(['keys', 'revoke', made.id])
  t.match((await ventral(['dataset', 'list', '--url', url], { VENTRAL_API_KEY: made.key })).err, 'revoked')
  t.strictSame(await run(['dataset', 'list'], { VENTRAL_API_KEY: next }), [])

  const entries = await run<AuditEntry[]>(['audit', '--limit', '20'])
  t.same(entries.map(({ action, status }) => `${action} ${status}`).slice(0, 4), ['GET /datasets 401', 'DELETE /keys/:id 204', 'GET /keys 200', 'POST /keys/:id/rotate 201'])
  t.same((await run<AuditEntry[]>(['audit', '--owner', 'alice'])).map(({ action, status }) => `${action} ${status}`), ['GET /keys 403'])
})
