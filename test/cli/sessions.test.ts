import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { gauss } from '../helper/generator.ts'
import { serveVentral, ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'
import { noisePng, writeUpload } from '../pipeline/fixtures.ts'

// Two animals; the second saw the last half of the stimuli only. 52 sites of which each lacks another stimulus in `scattered`.
const n = 60
const images = Array.from({ length: n }, (_, i) => noisePng(`cli ${i}`))

t.test('sessions and animals pooled in one recording, by the command line and HTTP', async (t) => {
  const folder = temporaryFolder(t)
  const server = await serveVentral(t, path.join(folder, 'home'))
  const run = async <T>(args: string[]): Promise<T> => {
    const { status, out, err } = await ventral([...args, '--json', '--url', server.url, '--home', path.join(folder, 'none')])
    if (status !== 0) throw new Error(err)
    return JSON.parse(out) as T
  }
  const add = async (name: string, m: number, response: (i: number, j: number) => number, options: string[] = []): Promise<{ id: string; animals: object }> => {
    const own = path.join(folder, name)
    fs.mkdirSync(own)
    const files = await writeUpload(own, { images, responses: new Float64Array(n * m).map((_, k) => response(Math.floor(k / m), k % m)), shape: [n, m], metadata: { day: (i) => `d${i % 2}` } })
    const sites = path.join(own, 'sites.csv')
    fs.writeFileSync(sites, ['site_id,animal', ...Array.from({ length: m }, (_, j) => `u${j},m${j % 2}`), ''].join('\n'))
    return run(['dataset', 'add', '--stimuli', files.stimuli, '--responses', files.responses, '--metadata', files.metadata!, '--sites', sites, '--axes', 'stimulus,site', '--unit', 'other', '--region', 'IT', ...options])
  }
  const signal = gauss('cli signal', n * 4)
  const pooled = await add('pooled', 4, (i, j) => (j % 2 === 1 && i < 30 ? NaN : signal[4 * i + j] + 10 * (i % 2)), ['--normalise', 'zscore', '--session-column', 'day'])
  t.match(pooled, { animals: { m0: 2, m1: 2 }, normalise: { method: 'zscore', sessionColumn: 'day' } })
  const request = { dataset: pooled.id, backbone: 'pixels', layers: 'all', pooling: { grid: 2 }, split: { scheme: 'kfold', folds: 3 }, mapping: { method: 'ridge', alphas: [1, 10], inner: { folds: 3 } } }
  const file = path.join(folder, 'request.json')
  fs.writeFileSync(file, JSON.stringify(request))
  const { scores } = await run<{ scores: FitScores }>(['fit', '--request', file, '--wait'])
  t.match(scores.population, { sites: { before: 4, after: 4 }, animals: { m0: 2, m1: 2 }, patterns: 2 })
  t.match(scores.layers[0].animals, [{ animal: 'm0', sites: 2, correlation: { median: Number } }, { animal: 'm1', sites: 2 }])
  t.match(scores.bestLayer!.nested.acrossAnimals, { animals: 2, correlation: { mean: Number, interval: null, reason: /at least 3/ } })
  t.ok(scores.leakage.some(({ what }) => what.startsWith('normalisation of the responses')))

  const post = async (body: object): Promise<{ status: number; answer: object }> => {
    const response = await fetch(`${server.url}/fit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return { status: response.status, answer: (await response.json()) as object }
  }
  t.match(await post({ ...request, sites: { animal: 'm2' } }), { status: 422, answer: { code: 'choose-sites', errors: [{ pointer: '/sites/animal', expected: 'm0 | m1', found: 'm2' }] } })
  const scattered = await add('scattered', 52, (i, j) => (i === j ? NaN : signal[(4 * i + j) % signal.length]))
  t.match(await post({ ...request, dataset: scattered.id }), { status: 422, answer: { code: 'choose-sites', detail: /52 different sets of stimuli.*Choose fewer sessions or sites/ } })
  t.match(await post({ ...request, dataset: scattered.id, sites: { animal: ['m0'] } }), { status: 202, answer: { request: { sites: { animal: ['m0'] } } } })
})
