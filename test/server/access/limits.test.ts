import t from 'tap'
import { createTokenBuckets } from '../../../src/server/token-buckets.ts'
import { startService } from '../../helper/service.ts'
import { OPERATOR_KEY, startAccessService } from './service.ts'

// Two requests at once, and one more every five seconds.
const { ask, newKey } = await startAccessService(t, { rateLimit: 0.2 })

t.test('a bucket gives its burst at once, then its rate, and never more than the two together', (t) => {
  let ms = 0
  const buckets = createTokenBuckets({ perSecond: 2, burst: 3, now: () => ms })
  t.same([1, 2, 3, 4].map(() => buckets.take('a')), [0, 0, 0, 0.5])
  t.equal(buckets.wait('a'), 0.5)
  t.equal(buckets.take('b'), 0, 'each name has its own')
  ms = 250
  t.equal(buckets.take('a'), 0.25, 'what was refused took nothing')
  ms = 500
  t.same([buckets.take('a'), buckets.take('a')], [0, 0.5])
  ms = 1e9
  t.same([1, 2, 3, 4].map(() => buckets.take('a') === 0), [true, true, true, false], 'it does not grow over its burst')
  let taken = 0
  const other = createTokenBuckets({ perSecond: 2, burst: 3, now: () => ms })
  for (const end = ms + 10_000; ms < end; ms += 7) if (other.take('c') === 0) taken++
  t.ok(taken >= 22 && taken <= 23, `${taken} in 10 s`)
  t.end()
})

t.test('a key over its rate is told when to come back; others, and whoever runs the server, are not held up', async (t) => {
  const [{ key }, { key: other }] = [await newKey('alice', ['read']), await newKey('alice', ['read'])]
  const statuses = []
  for (let i = 0; i < 4; i++) statuses.push((await ask(i === 0 ? '/keys' : '/datasets', { key })).status)
  t.same(statuses, [403, 200, 429, 429], 'refusals count, too')
  const refused = await ask('/datasets', { key })
  t.match(refused, { status: 429, code: 'rate-limited' })
  const seconds = Number(refused.headers.get('retry-after'))
  t.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 5, `Retry-After: ${seconds}`)
  t.equal((await ask('/datasets', { key: other })).status, 200)
  for (let i = 0; i < 20; i++) t.equal((await ask('/datasets', { key: OPERATOR_KEY })).status, 200)
})

t.test('who guesses at VENTRAL_API_KEY is stopped; keys of the table work from that address all the same', async (t) => {
  const { key } = await newKey('alice', ['read'])
  for (let i = 0; i < 20; i++) t.equal((await ask('/datasets', { key: `guess ${i}` })).status, 401)
  for (const guess of ['guess 20', OPERATOR_KEY]) t.match(await ask('/datasets', { key: guess }), { status: 429, code: 'rate-limited' }, 'a right one is not told from a wrong one')
  t.equal((await ask('/datasets', { key })).status, 200)
  t.equal((await ask('/livez')).status, 200)
})

t.test('only pages of ours may run scripts; what users bring may load nothing', async (t) => {
  const { url } = await startService(t)
  for (const path of ['/datasets', '/nothing', '/livez', '/fits/x']) {
    const { headers } = await fetch(`${url}${path}`)
    t.equal(headers.get('content-security-policy'), "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", path)
    t.equal(headers.get('x-frame-options'), 'DENY')
  }
  t.match((await fetch(`${url}/docs`)).headers.get('content-security-policy'), "script-src 'self'")
})
