import fs from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { Compile } from 'typebox/compile'
import type { ClassificationReport } from '../../src/domain/classification.ts'
import { bmpOfPlanes } from '../../src/datasets/bmp-of-planes.ts'
import { createRandomState } from '../../src/numerics/random/mt19937.ts'
import { ClassificationReport as Schema } from '../../src/server/schemas/classification.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { shapePicture } from '../helper/cifar.ts'
import { postForm, startRdmService } from '../helper/rdm-service.ts'

const random = createRandomState(2)
const shape = (label: number): Buffer => Buffer.from(bmpOfPlanes(shapePicture(label, random), 32))

t.test('POST /classification', async (t) => {
  const service = await startRdmService(t)
  const post = <T = ClassificationReport>(query: string, parts: Parameters<typeof postForm>[2]) => postForm<T>(service, `/classification?${query}`, parts)
  const documented = Compile(Schema)

  const numbered = { name: 'val.zip', bytes: await zipBytes([['285/a.bmp', shape(0)], ['285/b.bmp', shape(1)], ['7/c.bmp', shape(2)], ['7/bad.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')]]) }
  const own = await post('backbone=cornet_z&weights=random&seed=4&perClass=true', { images: numbered })
  t.equal(own.status, 200)
  t.match(own.body, { input: 'val.zip', layout: 'class folders', weights: 'random:4:1', head: { kind: 'own', published: null }, accuracies: { images: 3, classes: 1000, perClass: [{ label: 'n01514668', images: 1 }, { label: 'n02124075', images: 2 }] }, refused: [{ image: '7/bad.png' }] })
  t.same([...documented.Errors(own.body)], [], 'as documented')

  const classes = ['circle', 'cross', 'blob']
  const images = { name: 'shapes.zip', bytes: await zipBytes(classes.flatMap((name, k) => Array.from({ length: 5 }, (_, i): [string, Buffer] => [`${name}-${i}.bmp`, shape(k)]))) }
  const labels = { name: 'classes.csv', bytes: Buffer.from(['filename,class', ...classes.flatMap((name) => Array.from({ length: 5 }, (_, i) => `${name}-${i}.bmp,${name}`))].join('\n')) }
  const trained = await post('backbone=cornet_z&weights=random&head=trained&heldOut=0.3', { images, labels })
  t.equal(trained.status, 200)
  t.match(trained.body, { layout: 'classes of classes.csv', head: { kind: 'trained', layer: 'decoder.flatten', train: 12, test: 3, heldOut: 4 }, accuracies: { classes: 3 } })
  t.same([...documented.Errors(trained.body)], [], 'as documented')

  const refuses = async (query: string, parts: Parameters<typeof postForm>[2], status: number, code: string): Promise<void> => {
    t.match(await post<unknown>(query, parts), { status, body: { code } }, `${query}: ${code}`)
  }
  await refuses('backbone=cornet_z', { images: numbered }, 409, 'weights-missing')
  await refuses('backbone=cornet_y&weights=random', { images: numbered }, 422, 'unknown-backbone')
  await refuses('backbone=cornet_z&weights=random', { images }, 422, 'missing-field')
  await refuses('backbone=cornet_z&weights=random', { labels }, 422, 'missing-field')
  await refuses('backbone=cornet_z&weights=random', { images: numbered, seed: '3' }, 422, 'unknown-field')
  await refuses('backbone=cornet_z&weights=random&heads=3', { images: numbered }, 422, 'unknown-field')
  await refuses('backbone=cornet_z&weights=random&layer=IT', { images: numbered }, 422, 'unknown-field')
  await refuses('backbone=cornet_z&weights=random', { images: { name: 'x.zip', bytes: Buffer.from('no zip') } }, 415, 'unsupported-format')

  // Ending a thread inside the network's native code would end this process too. A network of over 64 MB lies on the disk until it is open.
  const { tmp } = service.context.home.folders
  const opening = (): boolean => fs.readdirSync(tmp, { recursive: true }).some((name) => String(name).includes('ventral-model'))
  const client = new AbortController()
  const form = new FormData()
  form.set('images', new Blob([new Uint8Array(await zipBytes(Array.from({ length: 200 }, (_, i): [string, Buffer] => [`7/${i}.bmp`, shape(i % 10)])))]), 'many.zip')
  const answer = fetch(`${service.url}/classification?backbone=resnet34&weights=random`, { method: 'POST', body: form, signal: client.signal })
  answer.catch(() => undefined)
  while (!opening()) await delay(20)
  while (opening()) await delay(20)
  await delay(400)
  client.abort()
  await t.rejects(answer, { name: 'AbortError' }, 'a client goes while the network runs')
  while (fs.readdirSync(tmp).length > 0) await delay(20)
  await delay(200)
  t.equal((await fetch(`${service.url}/livez`)).status, 200, 'the service goes on, and what the request had on the disk is gone')
})
