import fs from 'node:fs'
import t from 'tap'
import { uniforms } from '../helper/generator.ts'
import { refuseAll } from './bad-input/bad-case.ts'
import { badDatasets } from './bad-input/datasets.ts'
import { badFits } from './bad-input/fits.ts'
import { badPredictions } from './bad-input/predictions.ts'
import { badWeights, hostileMark } from './bad-input/weights.ts'
import { awaitFit, formOf, get, noiseImages, npyFile, postJson, readAnswer, startService, zipFile } from './service.ts'

// One service, as a user starts it: every request that must be refused is sent to it in turn.
const service = await startService(t, { VENTRAL_SPILL_GB: '0.01' })
const n = 12
const rates = uniforms('rates', n * 3).map((u, at) => (at % 3 === 2 ? 4 : 10 * u)) // the last site is constant
const sites = { name: 'sites.csv', bytes: Buffer.from('site_id,region\na,V4\nb,IT\nc,IT\n') }

t.test('bad datasets, on a service without any', (t) => refuseAll(t, service, badDatasets))

t.test('bad weights', async (t) => {
  await refuseAll(t, service, badWeights)
  t.notOk(fs.existsSync(hostileMark), 'nothing in a checkpoint ran')
})

t.test('a constant site is a warning and a null with its reason, not a refusal', async (t) => {
  const body = formOf({ name: 'good', axes: 'stimulus,site', unit: 'count', stimuli: await zipFile(noiseImages(n)), responses: npyFile(rates, [n, 3]), sites })
  const answer = await readAnswer(await fetch(`${service.url}/datasets`, { method: 'POST', body }))
  t.equal(answer.status, 201, answer.text)
  const dataset = answer.body.id as string
  t.match(answer.body.warnings, [/respond to every stimulus alike, .*null: c/])
  const { items } = (await get(service, `/datasets/${dataset}/sites`)).body
  t.match(items, [{ id: 'a', constant: false }, { id: 'b', constant: false }, { id: 'c', constant: true, ceiling: null, note: /./ }])

  await t.test('bad fits', (t) => refuseAll(t, service, badFits(dataset)))

  const request = { dataset, backbone: 'pixels', pooling: { grid: 4 }, split: { scheme: 'kfold', folds: 3 }, mapping: { method: 'ridge', alphas: [0.1, 1], inner: { folds: 2 } }, sites: { region: 'IT' } }
  const fit = await awaitFit(service, (await readAnswer(await postJson(service, '/fit', request))).body.id)
  t.match(fit, { status: 'succeeded', encoder: String })
  const { text, body: scores } = await get(service, `/fits/${fit.id}/scores`)
  t.match(scores, { layers: [{ sites: [{ id: 'b', r: Number, ev: Number }, { id: 'c', r: null, ev: null, note: /do not vary/ }] }] })
  t.notMatch(text, /NaN/)

  await t.test('bad requests to its encoder', (t) => refuseAll(t, service, badPredictions(fit.encoder!)))
  const good = await readAnswer(await fetch(`${service.url}/predict?encoder=${fit.encoder!}`, { method: 'POST', headers: { 'content-type': 'image/png' }, body: new Uint8Array(noiseImages(1)[0][1]) }))
  t.equal(good.status, 200, 'which answers a good one')
  t.equal((await service.stop('SIGTERM')).status, 0)
})
