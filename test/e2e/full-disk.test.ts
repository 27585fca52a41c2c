import { randomBytes } from 'node:crypto'
import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'
import { inventory, refuseAll } from './bad-input/bad-case.ts'
import type { BadCase } from './bad-input/bad-case.ts'
import { zeroCheckpoint } from './bad-input/zero-checkpoint.ts'
import { awaitFit, formOf, get, noiseImages, npyFile, postJson, readAnswer, startService, zipFile } from './service.ts'
import { cannotMount, startOnSmallDisk } from './small-disk.ts'

const DISK = 7e6
const n = 12
const rates = npyFile(uniforms('rates', n * 2), [n, 2])

t.test('a disk that is really full', { skip: cannotMount(temporaryFolder(t)) }, async (t) => {
  const service = await startOnSmallDisk(t, DISK, await startService(t), { VENTRAL_SPILL_GB: '1' })
  /** Images that hardly compress, of about so many bytes in all. */
  const upload = (bytes: number): BadCase['send'] => async ({ url }) => {
    const side = Math.round(Math.sqrt(bytes / n / 3))
    const body = formOf({ name: 'large', axes: 'stimulus,site', unit: 'other', stimuli: await zipFile(noiseImages(n, side)), responses: rates })
    return fetch(`${url}/datasets`, { method: 'POST', body })
  }
  const weights = (bytes: Uint8Array): BadCase['send'] => ({ url }) =>
    fetch(`${url}/backbones/squeezenet1_1/weights`, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(bytes) })
  const says = [/full/, /Free some space/]

  await refuseAll(t, service, [
    { what: 'while an upload comes in', send: upload(9e6), code: 'disk-full', says },
    { what: 'while images are unpacked', send: upload(5e6), code: 'disk-full', says },
    { what: 'while weights come in', send: weights(randomBytes(9e6)), code: 'disk-full', says },
    { what: 'while weights are stored', send: weights(zeroCheckpoint(getBackbone('squeezenet1_1').params)), code: 'disk-full', says },
  ])

  const added = await readAnswer(await upload(50_000)(service))
  t.equal(added.status, 201, 'what has room is taken')
  const request = { dataset: added.body.id, backbone: 'squeezenet1_1', weights: 'random', split: { scheme: 'kfold', folds: 3 }, mapping: { method: 'ridge', alphas: [1], inner: { folds: 2 } } }
  const fitOf = async (change: object) => awaitFit(service, (await readAnswer(await postJson(service, '/fit', { ...request, ...change }))).body.id)
  const before = await inventory(service)
  const failed = await fitOf({ layers: ['features.2'] }) // 9 MB of activations
  t.match(failed, { status: 'failed', encoder: null, error: { code: 'disk-full', detail: /full.*Free space/ } })
  t.same(await inventory(service), { ...before, fits: [failed.id] }, 'a fit that failed leaves no file')
  t.equal((await get(service, '/readyz')).status, 200)
  t.match(await fitOf({ layers: ['features.12'], pooling: { grid: 1 } }), { status: 'succeeded' }, 'and a smaller one runs')
})
