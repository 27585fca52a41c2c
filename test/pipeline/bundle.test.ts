import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { fitBundle } from '../../src/pipeline/bundle/bundle.ts'
import { describeRegistration } from '../../src/pipeline/registrations.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { pythonWithNumpy, runPython } from '../helper/python.ts'
import { packBundle, unpackBundle } from './bundles.ts'
import { acceptedFit, addDataset, finishFit } from './finished-fit.ts'

const [n, m] = [24, 7]
const layers = ['features.2', 'features.7', 'features.12']

// Sites 0 and 1 vary; 2 never does; 3 does not in the first of three unshuffled folds, so that its r is pooled; 4 missed every fifth
// stimulus and 5 all of the first fold; 6 answers in whole numbers.
const responses = Float64Array.from(gauss('bundle', n * m), (x, at) => {
  const [i, j] = [Math.floor(at / m), at % m]
  if (j === 2 || (j === 3 && i < 8)) return 0.1
  return (j === 4 && i % 5 === 0) || (j === 5 && i < 8) ? NaN : j === 6 ? Math.round(x) : x
})

const context = await openTestContext(t)
const dataset = await addDataset(context, temporaryFolder(t), { responses, shape: [n, m], fields: { name: '../evil\n# name' } })
const request: FitRequest = {
  dataset, backbone: 'squeezenet1_1', weights: 'random', layers, pooling: { grid: 1 }, mapping: { method: 'ridge', alphas: [1e-3, 0.1, 10], inner: { folds: 3 } },
  split: { scheme: 'kfold', folds: 3, shuffle: false }, encoder: 'none', groupDuplicates: false,
} // prettier-ignore
const { id, registration } = await acceptedFit(context, request, { register: true })
const scores = await finishFit(context, id)

const packed = (): Promise<Buffer> => packBundle(context, id)

t.test('a bundle that is made twice is the same to the byte, and one that is not wanted any more closes its files', async (t) => {
  t.ok((await packed()).equals(await packed()))
  const { stream } = await fitBundle(context, id)
  await once(stream, 'readable')
  stream.destroy()
  await once(stream, 'close')
  await delay(50)
  t.same(openBlobs(), [])
})

t.test('a fit that has not finished has none', async (t) => {
  await t.rejects(fitBundle(context, (await acceptedFit(context, request)).id), { code: 'fit-not-finished' })
  await t.rejects(fitBundle(context, 'nobody'), { code: 'not-found' })
})

/** Blobs that this process has open, where the system tells. */
const openBlobs = (): string[] => (fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').map(target).filter((file) => file.includes('/blobs/')) : [])
const target = (fd: string): string => {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return '' // the one that lists the folder
  }
}

const python = pythonWithNumpy()
t.test('NumPy alone recomputes every score', { skip: python === null && 'needs python3 with NumPy' }, async (t) => {
  const into = await unpackBundle(context, id, { python: python!, folder: temporaryFolder(t) })
  const read = (name: string): Buffer => fs.readFileSync(path.join(into, name))

  await t.test('the sites are what they are meant to be', async (t) => {
    const sites = scores.layers[0].sites
    t.same(sites.map(({ r }) => r === null), [false, false, true, false, false, false, false])
    t.match(sites[2].note, 'do not vary')
    t.match(sites[3].note, 'pooled')
    t.match(sites[5].note, '1 of 3 folds hold none')
  })

  await t.test('files', async (t) => {
    const { files } = JSON.parse(read('bundle.json').toString()) as { files: { name: string; bytes: number; sha256: string }[] }
    const names = ['README.md', 'methods.md', 'methods.tex', 'provenance.json', 'recompute.py', 'references.bib', 'registered.json', 'registration.json', 'request.json', 'responses.npz', 'scores.json', 'splits.npz']
    t.same(files.map(({ name }) => name).filter((name) => !name.includes('/')), names)
    for (const { name, bytes, sha256 } of files) t.same([read(name).length, createHash('sha256').update(read(name)).digest('hex')], [bytes, sha256], name)
    t.same(fs.readdirSync(path.join(into, 'predictions')), layers.map((layer, i) => `00${i}-${layer}.npz`))
    t.same(JSON.parse(read('scores.json').toString()), scores)
    t.equal(createHash('sha256').update(read('registered.json')).digest('hex'), registration!.sha256)
    t.equal(read('registered.json').toString(), (await describeRegistration(context, registration!.id)).canonical)
    t.match(read('README.md').toString(), `median r ${scores.bestLayer!.nested.correlation.median}`)
  })

  await t.test('agreement is told with both numbers', async (t) => {
    const { status, out, err } = runPython(python!, path.join(into, 'recompute.py'))
    t.equal(status, 0, err + out)
    t.match(out, `nested choice of layer: median r: recomputed`)
    t.match(out, /features\.7 mean ev: recomputed -?\d/)
    t.match(out, /\n\d+ numbers, 0 differ by more than 1e-09/)
  })

  await t.test('a reported number that is not what the predictions give ends it with 1', async (t) => {
    const wrong = structuredClone(scores)
    wrong.bestLayer!.nested.correlation.median! += 1e-8
    const nothing: FitScores = structuredClone(scores)
    nothing.layers[1].sites[0].ev = null
    for (const [changed, where] of [[wrong, /nested choice of layer: median r.*DIFFERS/], [nothing, /features\.7 EV of .*DIFFERS/]] as const) {
      fs.writeFileSync(path.join(into, 'scores.json'), JSON.stringify(changed))
      const { status, out } = runPython(python!, path.join(into, 'recompute.py'))
      t.equal(status, 1)
      t.match(out, where)
    }
  })
})
