import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { checkJointRoom, jointBytes, jointWork } from '../../src/pipeline/joint-room.ts'
import { resolved } from './fixtures.ts'

const layers = ['features.2', 'features.5']
const mappingOf = (mapping: FitRequest['mapping']) => resolved({ layers, mapping }).mapping

t.test('defaults', (t) => {
  const alphas = Array.from({ length: 17 }, (_, i) => 10 ** (-4 + i / 2))
  t.same(mappingOf({ method: 'auto' }), { method: 'auto', windows: 4, alphas, inner: { folds: 5 } })
  t.same(mappingOf({ method: 'banded' }), { method: 'banded', weights: null, candidates: { draws: 50, seed: 0 }, weightsPer: 'site', alphaPer: 'site', alphas, inner: { folds: 5 } })
  t.match(mappingOf({ method: 'banded', weights: { 'features.2': 1, 'features.5': 0 } }), { candidates: null, weights: { 'features.2': 1, 'features.5': 0 } })
  t.end()
})

t.test('what means nothing is refused', (t) => {
  const refused = (mapping: FitRequest['mapping'], code: string, pointer: string) => t.throws(() => mappingOf(mapping), { code, errors: [{ pointer }] }, `${code} ${pointer}`)
  refused({ method: 'auto', candidates: 3 }, 'unknown-field', '/mapping/candidates')
  refused({ method: 'auto', pca: 3 }, 'unknown-field', '/mapping/pca')
  refused({ method: 'auto', windows: 9 }, 'invalid-value', '/mapping/windows')
  refused({ method: 'auto', inner: 'loo' }, 'invalid-value', '/mapping/inner')
  refused({ method: 'banded', candidates: -1 }, 'invalid-value', '/mapping/candidates')
  refused({ method: 'banded', weights: { 'features.2': 1, 'features.5': 1 }, candidates: 3 }, 'invalid-value', '/mapping/candidates')
  refused({ method: 'banded', weights: { 'features.2': 1 } }, 'invalid-value', '/mapping/weights')
  refused({ method: 'banded', weights: { 'features.2': 1, 'features.5': 1, 'features.7': 1 } }, 'invalid-value', '/mapping/weights')
  refused({ method: 'banded', weights: { 'features.2': -1, 'features.5': 1 } }, 'invalid-value', '/mapping/weights/features.2')
  refused({ method: 'banded', weights: { 'features.2': 0, 'features.5': 0 } }, 'invalid-value', '/mapping/weights')
  refused({ method: 'ridge', windows: 2 }, 'unknown-field', '/mapping/windows')
  t.throws(() => resolved({ layers, mapping: { method: 'auto' }, encoder: 'features.2' }), { code: 'invalid-value', errors: [{ pointer: '/encoder' }] })
  t.equal(resolved({ layers, mapping: { method: 'auto' }, encoder: 'auto' }).encoder, 'auto')
  t.end()
})

t.test('work and memory, counted and refused', (t) => {
  const auto = resolved({ layers, pooling: { grid: 4 }, mapping: { method: 'auto' } })
  t.same(jointWork(auto), { bands: 2 * 17, candidates: 3 + 16 })
  t.same(jointWork(resolved({ layers, mapping: { method: 'auto', windows: 0 } })), { bands: 2, candidates: 3 })
  t.same(jointWork(resolved({ layers, pooling: { grid: 3 }, mapping: { method: 'auto' } })), { bands: 2, candidates: 3 }, 'maps of 3 x 3 cannot tell 4 x 4 places apart')
  t.same(jointWork(resolved({ layers, mapping: { method: 'banded', candidates: 7 } })), { bands: 2, candidates: 3 + 7 })
  t.equal(jointWork(resolved({ layers })), null)
  t.equal(jointBytes(auto, 640, 50), 8 * 640 * 50 * (2 * 19 + 17 + 34))
  t.equal(jointBytes(resolved({ layers }), 640, 50), 0)
  t.doesNotThrow(() => checkJointRoom(auto, 640, 50, 2, 1e9))
  t.throws(() => checkJointRoom(auto, 8000, 500, 2, 4e9), { code: 'does-not-fit', message: /"windows": 0/ })
  t.end()
})
