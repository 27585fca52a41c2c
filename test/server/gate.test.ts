import http from 'node:http'
import t from 'tap'
import { assertMayListen } from '../../src/server/loopback.ts'
import { startService } from '../helper/service.ts'

/** fetch sets Host and Sec-Fetch-Site itself, so these requests are made by hand. */
const ask = (url: string, path: string, { method = 'GET', ...headers }: Record<string, string> = {}): Promise<{ status: number; code?: string; headers: http.IncomingHttpHeaders }> =>
  new Promise((resolve, reject) => {
    const request = http.request(`${url}${path}`, { method, headers, setHost: headers.host === undefined }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => {
        const isProblem = response.headers['content-type']?.startsWith('application/problem+json')
        resolve({ status: response.statusCode!, code: isProblem ? (JSON.parse(text) as { code: string }).code : undefined, headers: response.headers })
      })
    })
    request.on('error', reject).end()
  })

t.test('without a key, only a loopback literal or the configured name with our port may be asked for', async (t) => {
  const { url } = await startService(t, { host: 'ventral.lab' })
  const { port } = new URL(url)
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `127.8.9.1:${port}`, `VENTRAL.lab:${port}`])
    t.equal((await ask(url, '/datasets', { host })).status, 200, host)
  for (const host of [`evil.example:${port}`, '127.0.0.1', 'localhost:1', `127.0.0.1.evil.example:${port}`, `localhost.evil.example:${port}`, `[::2]:${port}`, `evil@localhost:${port}`, `0.0.0.0:${port}`, ''])
    t.match(await ask(url, '/datasets', { host }), { status: 421, code: 'wrong-host' }, host || 'none')
  t.match(await ask(url, '/', { host: `evil.example:${port}` }), { status: 421 }, 'the page as well')
})

t.test('without a key, other sites may not change anything', async (t) => {
  const { url, fits } = await startService(t)
  const { port, host } = new URL(url)
  const refused: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: `http://localhost:${Number(port) + 1}` },
    { origin: `https://${host}` },
    { origin: 'null' },
    { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of refused)
    for (const [method, path] of [['POST', '/fit'], ['DELETE', '/datasets/x'], ['PUT', '/backbones/pixels/weights'], ['POST', '/predict?encoder=e1']])
      t.match(await ask(url, path, { method, ...headers }), { status: 403, code: 'cross-site' }, `${method} ${JSON.stringify(headers)}`)
  t.equal(fits.size, 0)
  t.equal((await ask(url, '/datasets/x', { method: 'DELETE', origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).status, 204)
  const read = await ask(url, '/datasets', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })
  t.equal(read.headers['access-control-allow-origin'], undefined, 'no CORS: the browser shows the answer to nobody else')
  t.not((await ask(url, '/fit', { method: 'OPTIONS', origin: 'http://evil.example' })).status, 204)
})

t.test('with a key, all but health, documentation and the page need it', async (t) => {
  const { url } = await startService(t, { apiKey: 'secret' })
  for (const path of ['/datasets', '/fits', '/encoders/e1/model.onnx', '/metrics', '/v2/models/e1', '/nothing'])
    t.match(await ask(url, path), { status: 401, code: 'key-required', headers: { 'www-authenticate': 'Bearer' } }, path)
  t.match(await ask(url, '/datasets', { authorization: 'Bearer wrong' }), { status: 401 })
  t.match(await ask(url, '/datasets', { authorization: 'Basic secret' }), { status: 401 })
  t.match(await ask(url, '/datasets', { authorization: 'Bearer secret' }), { status: 200 })
  t.match(await ask(url, '/datasets', { authorization: 'Bearer secret', host: 'proxy.example' }), { status: 200 }, 'behind a proxy the name is another')
  t.match(await ask(url, '/datasets/x', { method: 'DELETE', authorization: 'Bearer secret', 'sec-fetch-site': 'cross-site' }), { status: 403 })
  for (const path of ['/livez', '/readyz', '/v2/health/live', '/v2/health/ready', '/openapi.yaml', '/docs']) t.equal((await ask(url, path)).status, 200, path)
})

t.test('an address that others can reach needs a key', async (t) => {
  for (const host of ['127.0.0.1', '::1', 'localhost', '127.0.0.2']) await t.resolves(assertMayListen({ host, apiKey: null }), host)
  for (const host of ['0.0.0.0', '::', '192.168.1.5', '10.0.0.1', 'no-such-name.invalid'])
    await t.rejects(assertMayListen({ host, apiKey: null }), { code: 'key-required', message: /VENTRAL_API_KEY/ }, host)
  await t.resolves(assertMayListen({ host: '0.0.0.0', apiKey: 'k' }))
})

t.test('every answer carries the security headers', async (t) => {
  const { url } = await startService(t)
  for (const path of ['/', '/datasets', '/nothing', '/docs']) {
    const { headers } = await ask(url, path)
    t.match(headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }, path)
    t.match(headers['content-security-policy'], "default-src 'none'", path)
    t.notMatch(headers['content-security-policy'], /unsafe-inline|unsafe-eval|\*/, path)
  }
})
