import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { CamReport, MapsReport } from '../../src/domain/looks.ts'
import { decodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'
import { filesOf, get, noiseImages, startService } from './service.ts'

// Looks inside a network as a user has them: over HTTP, and by the command line through the same service.
const service = await startService(t)
const folder = temporaryFolder(t)
const images = noiseImages(3, 32)
for (const [name, bytes] of images) fs.writeFileSync(path.join(folder, name), bytes)
const [first] = images
const network = 'backbone=squeezenet1_1&weights=random'

const look = (route: string, type: string, body: BodyInit = new Uint8Array(first[1])): Promise<Response> => fetch(`${service.url}${route}`, { method: 'POST', body, headers: { 'content-type': 'image/png', accept: type } })
const run = async (...args: string[]): Promise<string> => {
  const { status, out, err } = await ventral([...args, '--home', service.home], { VENTRAL_THREADS: '1' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${out}${err}`)
  return out
}

t.test('activation maps: a report, arrays and a picture; the arrays are those of "ventral activations"', async (t) => {
  const route = `/activations?${network}&layers=features.12`
  const json = await look(route, 'application/json')
  t.match(json.headers.get('content-type'), /^application\/json/)
  t.match((await json.json()) as MapsReport, { backbone: 'squeezenet1_1', weights: 'random:0:1', layers: [{ layer: 'features.12', shape: [512, 13, 13] }] })
  const png = new Uint8Array(await (await look(route, 'image/png')).arrayBuffer())
  t.equal(Buffer.from(png.subarray(1, 4)).toString(), 'PNG')
  const npz = await decodeNpz(new Uint8Array(await (await look(route, 'application/zip')).arrayBuffer()), 'npz')
  const out = path.join(folder, 'out')
  await run('activations', path.join(folder, first[0]), '--backbone', 'squeezenet1_1', '--weights', 'random', '--layer', 'features.12', '--out', out)
  t.same(Array.from(decodeNpy(npz.get('features.12')!, 'npz').data), Array.from((await readNpyFile(path.join(out, 'features.12.npy'))).data))
})

t.test('class maps, while the service answers others', async (t) => {
  const [answer, alive] = await Promise.all([look(`/cam?${network}&method=grad-cam&layer=features.9&class=top&top=2`, 'application/json'), get(service, '/livez')])
  t.equal(alive.status, 200)
  const report = (await answer.json()) as CamReport
  t.match(report, { method: 'grad-cam', layer: 'features.9', classes: 1000, images: [{ name: 'image 1' }] })
  t.ok(report.images[0].maps.length === 2 && report.images[0].maps.every(({ map }) => map.length === 13 && map.flat().every((value) => value >= 0)))
})

t.test('by the command line', async (t) => {
  const cams = path.join(folder, 'cams')
  const lines = (await run('cam', folder, '--backbone', 'squeezenet1_1', '--weights', 'random', '--top', '3', '--out', cams, '--json')).trimEnd().split('\n').map((line) => JSON.parse(line) as CamReport & { file: string })
  t.same(lines.map(({ file, images: [{ name, top }] }) => [path.basename(file, '.png'), name, top.length]), images.map(([name]) => [path.parse(name).name, name, 3])) // prettier-ignore
  t.same(filesOf(cams), images.map(([name]) => name), 'a picture for each image')
  const file = path.join(folder, 'maps', 'one.npz')
  await run('maps', path.join(folder, first[0]), '--backbone', 'cornet_z', '--weights', 'random', '--layers', 'IT', '--time-step', '0', '--channels', 'mean', '--out', file)
  t.same([...(await decodeNpz(fs.readFileSync(file), file)).keys()], ['stimulus_id', 'IT.output-t0:mean'])
  await run('maps', cams, '--backbone', 'cornet_z', '--weights', 'random', '--channels', 'mean', '--out', path.join(folder, 'means'))
  t.same(filesOf(path.join(folder, 'means')), filesOf(cams))
  t.match(await run('maps', path.join(folder, first[0]), '--backbone', 'cornet_z', '--weights', 'random'), /^s000\.png {2}cornet_z random:0:1\nlayer .*\nV1\.output-t0 {2}64x56x56/)
  const bad = path.join(folder, 'broken.png')
  fs.writeFileSync(bad, first[1].subarray(0, 80))
  t.match(await ventral(['cam', bad, '--backbone', 'squeezenet1_1', '--weights', 'random', '--home', service.home]), { status: 1, err: /broken\.png/ })
  t.match(await ventral(['cam', bad, '--backbone', 'squeezenet1_1', '--out', 'x.gif', '--home', service.home]), { status: 2, err: /\.png, \.npz or \.json/ })
})
