import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { ComparisonScores, ComparisonView } from '../../src/domain/comparison.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { ventral } from '../helper/cli.ts'
import { gauss } from '../helper/generator.ts'
import { haveEnded, killTree, processTree } from './process-tree.ts'
import { formOf, get, noiseImages, npyFile, postJson, readAnswer, startService, zipFile } from './service.ts'
import { eventsUntil } from './small-fit.ts'

// Three networks that need no weights, on 16 small images: asked for over HTTP, killed on the way, read by the command line.
const [n, m] = [16, 2]
let service = await startService(t)
const restart = async (): Promise<void> => {
  service = await startService(t, {}, service.home)
}
const cli = async (...args: string[]): Promise<string> => {
  const { status, out, err } = await ventral(['compare', ...args, '--url', service.url])
  if (status !== 0) throw new Error(`${args.join(' ')}: ${out}${err}`)
  return out
}
const body = formOf({ name: 'small', axes: 'stimulus,site', unit: 'other', region: 'IT', stimuli: await zipFile(noiseImages(n)), responses: npyFile(gauss('rates', n * m), [n, m]) })
const dataset = (await readAnswer(await fetch(`${service.url}/datasets`, { method: 'POST', body }))).body.id as string
const request = {
  dataset,
  backbones: [{ backbone: 'pixels' }, { backbone: 'v1-gabor' }, { backbone: 'cornet_z', weights: 'random', name: 'CORnet-Z' }],
  pooling: { grid: 2 }, mapping: { method: 'ridge', alphas: [0.1, 10] }, split: { scheme: 'kfold', folds: 2 },
} // prettier-ignore

t.test('a comparison outlives a kill of everything, and its table is that of its fits', async (t) => {
  t.match((await readAnswer(await postJson(service, '/comparisons?dryRun=true', request))).body, { total: 3, reused: 0, fits: true, seconds: Number })
  const key = { 'idempotency-key': 'one comparison' }
  const asked = await readAnswer(await postJson(service, '/comparisons', request, key))
  t.equal(asked.status, 202, asked.text)
  const { id, fits } = asked.body as unknown as ComparisonView
  t.equal(asked.headers.get('location'), `/comparisons/${id}`)
  await eventsUntil(service, fits[1].fit, /activations/)
  const tree = processTree(service.pid).map(({ pid }) => pid)
  killTree(service.pid)
  t.ok(await haveEnded(tree, 3_000))

  await restart()
  const again = await readAnswer(await postJson(service, '/comparisons', request, key))
  t.equal((again.body as unknown as ComparisonView).id, id, 'a request that was acknowledged is not done twice')
  const csv = path.join(service.home, 'layers.csv')
  const requestFile = path.join(service.home, 'comparison.json')
  fs.writeFileSync(requestFile, JSON.stringify(request))
  const { scores, ...view } = JSON.parse(await cli('--request', requestFile, '--json', '--csv', csv, '--table', 'layers')) as ComparisonView & { scores: ComparisonScores }
  t.same(view.fits.map(({ fit, reused, status }) => [fit, reused, status]), fits.map(({ fit }) => [fit, true, 'succeeded']), 'asked for once more, the same fits')
  t.match((await get(service, `/comparisons/${id}`)).body, { status: 'succeeded', progress: { done: 3, total: 3 } })

  for (const row of scores.rows) {
    const { bestLayer, layers } = (await get(service, `/fits/${row.fit}/scores`)).body as unknown as FitScores
    t.same(row.scores.map(({ correlation, explainedVariance }) => [correlation, explainedVariance]), [[bestLayer!.nested.correlation, bestLayer!.nested.explainedVariance]], row.name)
    t.same(row.layers.map(({ correlation }) => correlation.median), layers.map(({ correlation }) => correlation.median))
    t.match(row.reasons, { ceiling: 'no repetitions' })
  }
  const [header, ...lines] = fs.readFileSync(csv, 'utf8').trim().split('\n')
  t.match(header, /^backbone,weights,region,layer,area,time_step,units,depth,depth_of,relative_depth,r,r_low,r_high,ev,/)
  t.same(lines.map((line) => line.split(',').slice(3, 10).toSpliced(3, 1)).slice(-4), ['V1', 'V2', 'V4', 'IT'].map((area, k) => [`${area}.output-t0`, area, '0', String(k + 1), '5', String((k + 1) / 5)]))
})

t.test('the same from a terminal, and as CSV', async (t) => {
  const { items } = (await get(service, '/comparisons')).body as unknown as { items: ComparisonView[] }
  const [{ id }] = items
  const shown = await cli('show', id)
  t.match(shown, /IT: 2 sites, KFold\(2, shuffled, seed 1\)[\s\S]*backbone +nested r +nested EV +r\/sqrt\(ceiling\) +layer +depth +parameters +ImageNet top-1\*[\s\S]*CORnet-Z .*2\.1 M[\s\S]*published with the weights, not recomputed[\s\S]*no correlation of ImageNet top-1 with scores: a correlation over backbones needs at least 4/)
  t.match(shown, /pixels - v1-gabor[\s\S]*v1-gabor - CORnet-Z/)
  const table = await get(service, `/comparisons/${id}/scores`, { accept: 'text/csv' })
  t.match(table.headers.get('content-type'), /^text\/csv/)
  t.same(table.text.trim().split('\n').map((line) => line.split(',').slice(0, 4).join()), ['backbone,weights,region,split', ...['pixels,none', 'v1-gabor,none', 'CORnet-Z,random:0:1'].map((name) => `${name},IT,${table.text.split('\n')[1].split(',')[3]}`)])
  t.equal((await get(service, `/comparisons/${id}/scores?table=differences`)).text.trim().split('\n').length, 1 + 3)
  t.equal((await get(service, `/comparisons/${id}/scores?table=sites`)).text.trim().split('\n').length, 1 + 3 * m)
  t.match(await cli('list'), new RegExp(`${id} +${dataset} +succeeded +3/3 +pixels,v1-gabor,CORnet-Z`))
  await cli('rm', id)
  t.equal((await get(service, `/comparisons/${id}`)).status, 404)
  t.match((await get(service, `/comparisons/${id}/scores`)).body, { code: 'not-found' })
})

t.test('what is wrong is told where it stands', async (t) => {
  const wrong = await readAnswer(await postJson(service, '/comparisons', { ...request, backbones: [...request.backbones, { backbone: 'resnet19' }] }))
  t.match([wrong.status, wrong.body], [422, { code: 'unknown-backbone', errors: [{ pointer: '/backbones/3/backbone', found: 'resnet19' }] }])
  t.match((await readAnswer(await postJson(service, '/comparisons', { ...request, backbones: [{ backbone: 'pixels', colour: 'red' }] }))).body, { code: 'unknown-field', errors: [{ pointer: '/backbones/0/colour' }] })
  const usage = async (...args: string[]) => ventral(['compare', ...args, '--url', service.url])
  t.match(await usage(dataset), { status: 2, err: /--backbones/ })
  t.match(await usage(dataset, '--backbones', 'pixels', '--table', 'layers'), { status: 2, err: /--table needs --csv/ })
  t.match(await usage('--backbones', 'pixels'), { status: 2, err: /dataset’s id is missing/ })
  t.match(await usage(dataset, '--backbones', 'pixels,alexnet'), { status: 1, err: /no pretrained weights of alexnet/ })
  t.equal(((await get(service, '/fits')).body as unknown as { items: unknown[] }).items.length, 3, 'nothing was half-started')
})
