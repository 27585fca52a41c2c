import { createHash } from 'node:crypto'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { getFit } from '../../src/pipeline/fits.ts'
import { describeRegistration } from '../../src/pipeline/registrations.ts'
import { insertRegistration } from '../../src/storage/repositories/registrations.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { acceptedFit, addDataset, finishFit } from './finished-fit.ts'

const context = await openTestContext(t)
const { db } = context
const dataset = await addDataset(context, temporaryFolder(t), { responses: gauss('registered', 24), shape: [12, 2] })
const request: FitRequest = { dataset, backbone: 'pixels', pooling: { grid: 2 }, mapping: { method: 'ridge', alphas: [0.1, 1], inner: { folds: 2 } }, split: { scheme: 'kfold', folds: 3 }, encoder: 'none' }

t.test('a registered fit: all of it is frozen before it runs, and its scores say that nothing deviates', async (t) => {
  const accepted = await acceptedFit(context, request, { register: true })
  const { id } = accepted.registration!
  const registration = await describeRegistration(context, id)
  t.same(accepted.registration, { id, sha256: registration.sha256, registeredAt: accepted.createdAt }, 'the time of the row itself')
  t.equal(registration.sha256, createHash('sha256').update(registration.canonical).digest('hex'))
  const frozen = JSON.parse(registration.canonical) as Record<string, unknown>
  t.same(frozen.request, accepted.request)
  t.match(frozen, { dataset: { sha256: /^[0-9a-f]{64}$/ }, weights: 'none', versions: { ventral: String, node: process.versions.node }, formulas: { ridge: 1 } })
  t.same(registration.fits, [{ id: accepted.id, status: 'queued', createdAt: accepted.createdAt }])

  const scores = await finishFit(context, accepted.id)
  t.same(scores.registration, { ...accepted.registration, run: 1, deviations: [] })
  t.match(await describeRegistration(context, id), { sha256: registration.sha256, canonical: registration.canonical, fits: [{ status: 'succeeded' }] })

  await t.test('the same request again is a second run, another one says where', async (t) => {
    const again = await finishFit(context, (await acceptedFit(context, request, { registration: id })).id)
    t.same(again.registration, { ...accepted.registration, run: 2, deviations: [{ pointer: '/run', registered: 1, used: 2 }] })
    t.same(again.layers, scores.layers)
    const changed = await acceptedFit(context, { ...request, mapping: { ...request.mapping!, alphas: [0.5] }, selectBy: 'explainedVariance.mean' }, { registration: id })
    t.same((await finishFit(context, changed.id)).registration?.deviations, [
      { pointer: '/run', registered: 1, used: 3 },
      { pointer: '/request/mapping/alphas', registered: [0.1, 1], used: [0.5] },
      { pointer: '/request/selectBy', registered: 'correlation.median', used: 'explainedVariance.mean' },
    ])
  })
})

t.test('a registered fit that runs under other versions says so', async (t) => {
  const { registration } = await acceptedFit(context, request, { register: true })
  const { canonical } = await describeRegistration(context, registration!.id)
  // What a version before this one would have frozen: an upgrade came before the fit was run.
  const older = JSON.parse(canonical.replace(`"node":"${process.versions.node}"`, '"node":"22.0.0"')) as object
  await db.transaction((tx) => insertRegistration(tx, { id: 'older', owner: 'local', frozen: older }))
  const fit = await acceptedFit(context, request, { registration: 'older' })
  t.match((await finishFit(context, fit.id)).registration, { id: 'older', run: 1, deviations: [{ pointer: '/versions/node', registered: '22.0.0', used: process.versions.node }] })
})

t.test('a fit without a registration has none', async (t) => {
  const fit = await acceptedFit(context, request)
  t.equal((await getFit(context, fit.id)).registration, null)
  t.equal((await finishFit(context, fit.id)).registration, null)
})

t.test('what cannot be registered is refused, and leaves no row', async (t) => {
  const count = async (): Promise<string> => (await db.query<{ count: string }>('SELECT count(*) FROM registrations')).rows[0].count
  const before = await count()
  await t.rejects(acceptedFit(context, request, { register: true, registration: 'older' }), { code: 'invalid-value', errors: [{ pointer: '/register' }] })
  await t.rejects(acceptedFit(context, request, { registration: 'nobody' }), { code: 'not-found' })
  await t.rejects(acceptedFit(context, { ...request, layers: ['none such'] }, { register: true }), { code: 'unknown-layer' })
  await t.rejects(describeRegistration(context, 'nobody'), { code: 'not-found' })
  t.equal(await count(), before)
})

t.test('a registration can be neither changed nor deleted', async (t) => {
  await t.rejects(db.query(`UPDATE registrations SET registered_at = now() - interval '1 year' WHERE id = 'older'`), /stays as it is/)
  await t.rejects(db.query(`DELETE FROM registrations WHERE id = 'older'`), /stays as it is/)
})
