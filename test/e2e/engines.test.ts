import t from 'tap'
import { addDataset, leftovers, startFit } from './small-fit.ts'
import { awaitFit, get, noiseImages, postJson, readAnswer, startService } from './service.ts'

// A service that is set to the second engine, as a user starts it: the fit's process, the prediction's thread and the texts follow.
t.test('a service on the second engine', async (t) => {
  const service = await startService(t, { VENTRAL_ENGINE: 'tfjs' })
  const dataset = await addDataset(service)
  const layers = { layers: ['features.2'] }
  const second = await startFit(service, dataset, 0, layers)
  const first = await startFit(service, dataset, 0, { ...layers, engine: 'onnx' })
  const [own, other] = [await awaitFit(service, second), await awaitFit(service, first)]
  t.match([own, other], [{ status: 'succeeded', request: { engine: 'tfjs' } }, { status: 'succeeded' }])
  t.notOk('engine' in other.request)
  t.match((await get(service, `/fits/${second}/scores`)).body.provenance, { engine: { name: 'tfjs', products: { name: 'onnxruntime-node' } } })
  t.match((await get(service, `/fits/${second}/methods`, { accept: 'text/markdown' })).text, /Networks ran on `?tfjs 4\.22\.0/)

  const images = noiseImages(3).map(([, bytes]) => bytes.toString('base64'))
  const rates = async (encoder: string | null): Promise<number[]> => ((await readAnswer(await postJson(service, `/predict?encoder=${encoder}`, { images }))).body.rates as number[][]).flat()
  const [a, b] = [await rates(own.encoder), await rates(other.encoder)]
  const scale = Math.max(...b.map(Math.abs))
  t.ok(a.length === 12 && a.every((rate, i) => Math.abs(rate - b[i]) < 1e-4 * scale))
  t.notSame(a, b)

  const refused = await readAnswer(await postJson(service, '/fit', { dataset, backbone: 'squeezenet1_1', weights: 'random', engine: 'torch' }))
  t.match(refused, { status: 422, body: { code: 'invalid-value', errors: [{ pointer: '/engine' }] } })
  t.equal((await service.stop('SIGTERM')).status, 0)
  t.same(leftovers(service), [])
})
