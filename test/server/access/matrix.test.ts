import t from 'tap'
import { scopes } from '../../../src/domain/access.ts'
import type { Scope } from '../../../src/domain/access.ts'
import { referring, requestOf } from './requests.ts'
import { makeResources, nowhere } from './resources.ts'
import type { Resources } from './resources.ts'
import { OPERATOR_KEY, startAccessService } from './service.ts'
import type { Answer } from './service.ts'

const service = await startAccessService(t)
const { ask, routes, newKey } = service

const keysOf = async (owner: string): Promise<Record<Scope, string>> =>
  Object.fromEntries(await Promise.all(scopes.map(async (scope) => [scope, (await newKey(owner, [scope])).key] as const))) as Record<Scope, string>
const [alice, bob] = [await keysOf('alice'), await keysOf('bob')]
const { key: maker } = await newKey('alice', ['read', 'write'])
// Twice: the owner's key and an administrator's each delete them.
const [first, second] = [await makeResources(service, maker, 'first'), await makeResources(service, maker, 'second')]

/** Resources by ids of their own; layers and stimuli have names that others have, too. */
const kinds = (Object.keys(first) as (keyof Resources)[]).filter((kind) => kind !== 'layer' && kind !== 'stimulus')

const guarded = routes.filter(({ options }) => options.config?.public !== true)
const publicRoutes = routes.filter(({ options }) => options.config?.public === true)
// What goes comes last: first what lies on others.
const order = ['GET', 'POST', 'PUT', 'DELETE']
const leaves = ['/comparisons', '/rdms', '/activations', '/backbones', '/datasets']
guarded.sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method) || leaves.findIndex((leaf) => a.url.startsWith(leaf)) - leaves.findIndex((leaf) => b.url.startsWith(leaf)))

const send = async (route: (typeof routes)[number], resources: Resources, key: string | null): Promise<Answer> => {
  const { path, ...asked } = await requestOf(route, resources)
  return ask(path, { ...asked, key })
}

/** Whether a request to the route names a resource at all. */
const names = async (route: (typeof routes)[number]): Promise<boolean> => {
  const plain = async (resources: Resources): Promise<string> => {
    const { path, body } = await requestOf(route, resources)
    return JSON.stringify([path, body instanceof FormData || body instanceof Uint8Array ? null : body])
  }
  return (await plain(first)) !== (await plain(nowhere))
}

t.test('every route says who may ask, and nothing but health, documentation and the page is public', (t) => {
  t.ok(guarded.length > 40)
  for (const { method, url, options } of guarded) t.ok(options.config?.scope !== undefined, `${method} ${url}`)
  for (const { url } of publicRoutes) t.match(url, /^(\/|\/livez|\/readyz|\/v2\/health\/(live|ready)|\/openapi\.yaml|\/docs|\/index\.html|\/icon\.svg|\/assets\/.+)$/)
  const reading = guarded.filter(({ method, options }) => method !== 'GET' && options.config!.scope === 'read')
  t.same(reading.map(({ method, url }) => `${method} ${url}`).sort(), ['POST /cka', 'POST /rdms/compare'], 'what changes nothing, though it is a POST')
  t.end()
})

t.test('without a key, or with a wrong one: none', async (t) => {
  for (const route of guarded)
    for (const key of [null, `ventral_${'0'.repeat(16)}_${'A'.repeat(43)}`]) t.match(await send(route, first, key), { status: 401, code: 'key-required' }, `${route.method} ${route.url}`)
})

t.test('a key without the scope: forbidden, whosever the resource is', async (t) => {
  for (const route of guarded)
    for (const scope of scopes) {
      if (scope === 'admin' || scope === route.options.config!.scope) continue
      for (const [whose, key, resources] of [['own', alice[scope], first], ['another’s', bob[scope], first], ['no', bob[scope], nowhere]] as const)
        t.match(await send(route, resources, key), { status: 403, code: 'forbidden' }, `${route.method} ${route.url} with ${scope}: ${whose} resource`)
    }
})

t.test('another’s resource is answered as one that is not there', async (t) => {
  let named = 0
  for (const route of guarded) {
    const scope = route.options.config!.scope!
    if (scope === 'admin' || !(await names(route))) continue
    named++
    const [others, missing] = [await send(route, first, bob[scope]), await send(route, nowhere, bob[scope])]
    const where = `${route.method} ${route.url}`
    t.ok(others.status >= 400 && others.status < 500, `${where}: ${others.status}`)
    t.same([others.status, others.code], [missing.status, missing.code], `${where}: ${others.status} ${others.code}`)
    // Routes whose path is not the resource's say what is wrong with the query or the body.
    if (/:(id|name|encoder)/.test(route.url) && !['PUT'].includes(route.method) && !route.url.startsWith('/backbones')) t.equal(others.status, 404, where)
  }
  t.ok(named > 30, `${named} routes`)
})

t.test('nor can another’s resource be named in a body', async (t) => {
  const { key } = await newKey('bob', ['write'])
  const own = await makeResources(service, (await newKey('bob', ['read', 'write'])).key, 'bobs')
  for (const { name, path, body } of referring) {
    const at = path.endsWith('registration=') ? (resources: Resources) => `${path}${resources.registration}` : () => path
    const post = async (resources: Resources) => ask(at(resources), { method: 'POST', key, body: body(resources) })
    // All but one of the resources are his own, so that each reference is seen to be checked.
    for (const kind of kinds) {
      const of = (value: string): Resources => ({ ...own, [kind]: value })
      if (JSON.stringify([at(of('x')), body(of('x'))]) === JSON.stringify([at(of('y')), body(of('y'))])) continue
      const [others, missing] = [await post(of(first[kind])), await post(of(nowhere[kind]))]
      t.ok(others.status >= 400 && others.status < 500 && others.status !== 403, `${name}, ${kind}: ${others.status} ${others.code}`)
      t.same([others.status, others.code], [missing.status, missing.code], `${name}, ${kind}`)
    }
  }
})

t.test('lists show what is one’s own', async (t) => {
  const lists = guarded.filter(({ method, url, options }) => method === 'GET' && !url.includes(':') && options.config!.scope === 'read' && url !== '/metrics')
  const ids = kinds.map((kind) => first[kind])
  for (const { url } of lists) {
    const shown = async (key: string): Promise<boolean> => {
      const { status, text } = await ask(`${url}?limit=1000`, { key })
      t.equal(status, 200, url)
      return ids.some((id) => text.includes(`"${id}"`))
    }
    t.same([await shown(alice.read), await shown(bob.read), await shown(bob.admin), await shown(OPERATOR_KEY)], [true, false, true, true], url)
  }
  t.ok(lists.length >= 7)
})

t.test('one’s own is there, and everything is to an administrator', async (t) => {
  for (const [who, resources, keys] of [['owner', first, alice], ['administrator', second, { read: bob.admin, predict: bob.admin, write: bob.admin, admin: bob.admin }]] as const)
    for (const route of guarded) {
      const scope = route.options.config!.scope!
      const { status, code, text } = await send(route, resources, keys[scope])
      const where = `${who}: ${route.method} ${route.url}`
      t.ok(status < 500, `${where}: ${status} ${status < 500 ? '' : text}`)
      if (route.url.startsWith('/keys/:id')) t.equal(status, 404, where)
      else t.notOk([401, 403, 404].includes(status) || code === 'unknown-backbone', `${where}: ${status} ${code ?? ''}`)
    }
})
