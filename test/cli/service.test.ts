import { createWriteStream } from 'node:fs'
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import t from 'tap'
import yazl from 'yazl'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { findOwner } from '../../src/storage/home.ts'
import { uniforms } from '../helper/generator.ts'
import { serveVentral, ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'

const json = async (args: string[], env?: Record<string, string>): Promise<Record<string, never>> => {
  const { status, out, err } = await ventral([...args, '--json'], env)
  if (status !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  return JSON.parse(out) as Record<string, never>
}

/** 12 small images of noise, and two sites. */
const writeRecording = async (folder: string): Promise<{ zip: string; responses: string; image: string }> => {
  const [zip, responses, image] = ['stimuli.zip', 'responses.npy', 'image.png'].map((name) => path.join(folder, name))
  const archive = new yazl.ZipFile()
  const rates: number[] = []
  for (let i = 0; i < 12; i++) {
    const noise = Buffer.from(uniforms(`image${i}`, 32 * 32 * 3).map((value) => Math.floor(value * 256)))
    const png = await sharp(noise, { raw: { width: 32, height: 32, channels: 3 } }).png().toBuffer()
    archive.addBuffer(png, `image${String(i).padStart(2, '0')}.png`)
    if (i === 3) fs.writeFileSync(image, png)
    rates.push(noise[0] / 10, noise[1] / 10)
  }
  archive.end()
  await pipeline(archive.outputStream, createWriteStream(zip))
  fs.writeFileSync(responses, encodeNpy(Float64Array.from(rates), [12, 2]))
  return { zip, responses, image }
}

t.test('from files to predictions through the command line, with a server and without', async (t) => {
  const folder = temporaryFolder(t)
  const home = path.join(folder, 'home')
  const { zip, responses, image } = await writeRecording(folder)

  // Without a server: the verb opens the data folder itself, and closes it again.
  const dataset = await json(['dataset', 'add', '--stimuli', zip, '--responses', responses, '--axes', 'stimulus,site', '--name', 'bars', '--unit', 'other', '--home', home])
  t.match(dataset, { name: 'bars', stimuli: 12, sites: 2 })
  t.equal(await findOwner(home), null)

  // With one: the same verbs find it in the data folder.
  const server = await serveVentral(t, home)
  t.match(await json(['dataset', 'list', '--home', home]), [{ id: dataset.id }])
  t.match(await json(['dataset', 'show', dataset.id, '--url', server.url, '--home', path.join(folder, 'elsewhere')]), { id: dataset.id })
  const request = path.join(folder, 'request.json')
  const split = { scheme: 'kfold', folds: 3, shuffle: true, seed: 1 }
  fs.writeFileSync(request, JSON.stringify({ dataset: dataset.id, backbone: 'pixels', layers: 'all', pooling: { grid: 4 }, mapping: { method: 'ridge', alphas: [1e-3, 0.1], inner: { folds: 3 } }, split }))
  t.match(await json(['fit', '--request', request, '--dry-run', '--home', home]), { memoryBytes: Number, fits: true })
  const predictions = path.join(folder, 'p.npz')
  const fit = await json(['fit', '--request', request, '--wait', '--predictions', predictions, '--home', home])
  t.match(fit, { status: 'succeeded', encoder: String, scores: { layers: [{ layer: 'pixels' }] } })
  t.equal(fs.readFileSync(predictions).subarray(0, 2).toString(), 'PK')
  const registered = await ventral(['fit', '--request', request, '--register', '--wait', '--home', home])
  t.match(registered.out, /^registration \w+, \d{4}-[^,]+, sha256 [0-9a-f]{64}\n/)
  t.match(registered.out, /: no deviations\n/)
  const csv = await ventral(['scores', fit.id, '--csv', '--home', home])
  t.match(csv.out.split('\n')[0], /^condition,layer,site,region,r,ev,ceiling,alpha,r2,/)
  t.match((await ventral(['scores', fit.id, '--home', home])).out, /pixels +48/)
  t.match((await ventral(['methods', fit.id, '--format', 'bibtex', '--home', home])).out, /^@article\{efron1979bootstrap,\n/)
  const archive = path.join(folder, 'bundle.zip')
  t.same(await json(['bundle', fit.id, '--out', archive, '--home', home]), { fit: fit.id, file: archive, bytes: fs.statSync(archive).size })
  const rates = await json(['predict', image, image, '--encoder', fit.encoder, '--home', home])
  t.match(rates, { encoder: fit.encoder, images: [image, image], sites: [{ id: String }, { id: String }] })
  t.equal((rates.rates as number[][]).flat().filter(Number.isFinite).length, 4)

  // A network of the user's own.
  const model = path.resolve(import.meta.dirname, '../reference/onnx/maps.onnx')
  const added = await ventral(['backbones', 'add', model, '--name', 'maps', '--mean', '0.5,0.5,0.5', '--std', '0.5,0.5,0.5', '--home', home])
  t.match(added.out, /^onnx:maps  pytorch \S+, operator set 13, sha256 [0-9a-f]{64}\n {2}input 32 x 32 \(as the file states\), mean 0\.5, 0\.5, 0\.5, std 0\.5, 0\.5, 0\.5 \(as you say\)\n[^]*\nleaky\.LeakyRelu +16x3x3 +144 +LeakyRelu +yes\n/)
  fs.writeFileSync(request, JSON.stringify({ dataset: dataset.id, backbone: 'onnx:maps', layers: ['leaky.LeakyRelu'], mapping: { method: 'ridge', alphas: [0.1], inner: { folds: 3 } }, split }))
  const own = await json(['fit', '--request', request, '--wait', '--home', home])
  t.match(own, { status: 'succeeded', encoder: String, scores: { provenance: { backbone: 'onnx:maps', preprocessing: { std: [0.5, 0.5, 0.5] } } } })
  t.match(await json(['predict', image, '--encoder', own.encoder, '--home', home]), { layer: 'leaky.LeakyRelu', rates: [[Number, Number]] })
  t.match((await ventral(['methods', own.id, '--home', home])).out, /a network of our own, given as an ONNX model/)
  const out = path.join(folder, 'out')
  t.match(await json(['activations', image, '--backbone', 'onnx:maps', '--layers', 'fc.Gemm', '--out', out, '--home', home]), { files: [{ path: path.join(out, 'fc.Gemm.npy'), shape: [1, 10] }] })
  t.match(await ventral(['backbones', 'rm', 'onnx:maps', '--home', home]), { status: 1, err: /Fits rest on the model "maps"/ })

  const kept = await ventral(['dataset', 'rm', dataset.id, '--home', home, '--json'])
  t.match(JSON.parse(kept.out), { code: 'dataset-in-use' })
  const second = await ventral(['serve', '--home', home, '--port', '0'])
  t.equal(second.status, 1)
  t.match(second.err, /in use by process/)

  const stopped = await server.stop('SIGTERM')
  t.equal(stopped.status, 0, stopped.err)
  t.equal(await findOwner(home), null)
  t.match(await json(['scores', fit.id, '--home', home]), { layers: [{ layer: 'pixels' }] }, 'all is there afterwards')
})

t.test('serve stops cleanly on Ctrl-C, which reaches all of its processes', async (t) => {
  const home = path.join(temporaryFolder(t), 'home')
  const server = await serveVentral(t, home, { VENTRAL_API_KEY: 'secret' })
  t.equal((await fetch(`${server.url}/datasets`)).status, 401)
  t.match(await json(['dataset', 'list', '--home', home], { VENTRAL_API_KEY: 'secret' }), [])
  const taken = await ventral(['serve', '--home', `${home}2`, '--port', new URL(server.url).port])
  t.match(taken, { status: 1, err: /Port \d+ of 127.0.0.1 is taken/ })
  const stopped = server.stop('SIGINT', true)
  await delay(5)
  process.kill(server.pid, 'SIGINT') // npm passes on what the terminal has already sent
  const { status, err } = await stopped
  t.equal(status, 0, err)
  t.notMatch(err, /"level":(50|60)/, 'no errors in the log')
  t.equal(await findOwner(home), null)
  t.notOk(fs.existsSync(path.join(home, 'postgres/postmaster.pid')))
})
