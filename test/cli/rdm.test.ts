import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { RdmComparisonReport, RdmView } from '../../src/domain/rdm.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { gauss } from '../helper/generator.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { serveVentral, ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'
import { noisePng, stimulusName } from '../pipeline/fixtures.ts'

const matFile = path.resolve(import.meta.dirname, '../reference/mat5/rdms.mat')

t.test('RDMs by the command line', async (t) => {
  const work = temporaryFolder(t)
  const at = (name: string): string => path.join(work, name)
  const { url } = await serveVentral(t, at('home'), { VENTRAL_THREADS: '1', VENTRAL_LOG_LEVEL: 'warn' })
  const run = async <T>(...args: string[]): Promise<T> => {
    const { status, out, err } = await ventral([...args, '--url', url, '--json'])
    if (status !== 0) throw new Error(`${args.join(' ')}: ${err}`)
    return JSON.parse(out) as T
  }
  const names = Array.from({ length: 4 }, (_, i) => stimulusName(i))
  fs.writeFileSync(at('stimuli.zip'), await zipBytes(names.map((name) => [name, noisePng(name)] as const)))
  fs.writeFileSync(at('responses.npy'), encodeNpy(gauss('cli', 20), [4, 5]))
  const { id: dataset } = await run<{ id: string }>('dataset', 'add', '--stimuli', at('stimuli.zip'), '--responses', at('responses.npy'), '--axes', 'stimulus,site', '--unit', 'other')

  const neurons = await run<RdmView>('rdm', 'make', '--dataset', dataset, '--distance', 'euclidean', '--raw', '--name', 'neurons', '--out', at('neurons.csv'))
  t.match(neurons, { kind: 'responses', n: 4, distance: 'euclidean', of: { zscore: false } })
  const [header, row] = fs.readFileSync(at('neurons.csv'), 'utf8').split('\n')
  t.equal(header, ['stimulus_id', ...neurons.labels].join(','))
  const responses = gauss('cli', 20)
  t.ok(Math.abs(Number(row.split(',')[2]) - Math.hypot(...Array.from({ length: 5 }, (_, j) => responses[j] - responses[5 + j]))) < 1e-6)

  const layers = await run<RdmView[]>('rdm', 'make', '--dataset', dataset, '--backbone', 'squeezenet1_1', '--weights', 'random', '--seed', '2', '--grid', '3', '--layers', 'features.2,features.12')
  t.match(layers, [{ kind: 'activations', of: { layer: 'features.2', seed: 2, pooling: { grid: 3 } } }, { of: { layer: 'features.12' } }])
  const given = await run<RdmView>('rdm', 'add', matFile, '--variable', 'RDMs(1).RDM', '--dataset', dataset, '--name', 'given')
  t.match(given, { kind: 'given', labels: neurons.labels })

  const report = await run<RdmComparisonReport>('rdm', 'compare', neurons.id, given.id, layers[1].id, '--comparison', 'kendall', '--draws', '50', '--seed', '4')
  t.match(report, { comparison: 'kendall', results: [{ name: 'given' }, { kind: 'activations' }], bootstrap: { draws: 50, seed: 4 } })
  const table = await ventral(['rdm', 'compare', `${neurons.id},${given.id}`, layers[0].id, '--draws', '0', '--url', url])
  t.match(table.out, /spearman with neurons, given; 4 rows by stimulus[\s\S]*features\.2[\s\S]*no ceiling: 2 animals/)
  t.match((await ventral(['rdm', 'list', '--url', url])).out, /given +given +4 +stimulus[\s\S]*neurons +responses/)
  t.match(await run('rdm', 'cka', '--dataset', dataset, '--backbone', 'pixels', '--layers', 'pixels', '--grid', '4'), { n: 4, biased: Number, a: { kind: 'responses' }, b: { kind: 'activations' } })
  await run('rdm', 'rm', given.id)
  t.match(await ventral(['rdm', 'show', given.id, '--url', url]), { status: 1, err: /no RDM/ })

  const usage = (...args: string[]) => ventral(['rdm', ...args, '--url', url])
  t.match(await usage('make', '--dataset', dataset, '--out', 'rdm.txt'), { status: 2, err: /\.csv or \.npz/ })
  t.match(await usage('make'), { status: 2, err: /--dataset/ })
  t.match(await usage('compare', neurons.id), { status: 2, err: /Two RDMs/ })
})
