import t from 'tap'
import { canonicalJson } from '../../src/domain/canonical-json.ts'
import { deviationsFrom, differences } from '../../src/pipeline/deviations.ts'

t.test('each field that differs, with both sides', async (t) => {
  const registered = { request: { mapping: { method: 'ridge', alphas: [1, 10] }, seed: 0, layers: ['a'] }, versions: { node: '24.1.0' }, 'a/b~c': 1 }
  const used = { request: { mapping: { method: 'ridge', alphas: [1, 10, 100], pca: 5 }, seed: 0, layers: ['a'] }, versions: { node: '24.2.0' }, 'a/b~c': 2 }
  t.same(differences(registered, used), [
    { pointer: '/a~1b~0c', registered: 1, used: 2 },
    { pointer: '/request/mapping/alphas', registered: [1, 10], used: [1, 10, 100] },
    { pointer: '/request/mapping/pca', registered: null, used: 5 },
    { pointer: '/versions/node', registered: '24.1.0', used: '24.2.0' },
  ])
  t.same(differences({ a: [{ x: 1 }] }, { a: [{ x: 2 }] }), [{ pointer: '/a', registered: [{ x: 1 }], used: [{ x: 2 }] }], 'lists are compared as a whole')
  t.same(differences({ a: { b: 1 } }, { a: 'b' }), [{ pointer: '/a', registered: { b: 1 }, used: 'b' }])
  t.same(differences(registered, structuredClone(registered)), [])
})

t.test('a later fit under a registration deviates by being one; another name of the same data is none', async (t) => {
  const frozen = canonicalJson({ request: { dataset: 'd1', seed: 0 }, dataset: { sha256: 'x' } })
  t.same(deviationsFrom(frozen, { request: { dataset: 'd2', seed: 0 }, dataset: { sha256: 'x' } }, 1), [])
  t.same(deviationsFrom(frozen, { request: { dataset: 'd2', seed: 0 }, dataset: { sha256: 'y' } }, 3), [
    { pointer: '/run', registered: 1, used: 3 },
    { pointer: '/dataset/sha256', registered: 'x', used: 'y' },
  ])
})
