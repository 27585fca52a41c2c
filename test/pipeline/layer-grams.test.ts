import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { RidgeMapping } from '../../src/domain/fit.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { randomParams } from '../../src/models/initialise.ts'
import { createProducts } from '../../src/numerics/products.ts'
import type { Network } from '../../src/pipeline/extract.ts'
import { readGramFile } from '../../src/pipeline/gram-file.ts'
import { layerGrams, precisionBefore } from '../../src/pipeline/layer-grams.ts'
import { networkSource } from '../../src/pipeline/network-source.ts'
import { openGramCache } from '../../src/storage/gram-cache.ts'
import { temporaryFolder } from '../helper/home.ts'
import { noisePng, resolved, stimuliOf } from './fixtures.ts'

const mappingOf = (alphas: number[], alphaUnits: RidgeMapping['alphaUnits']): RidgeMapping => ({ ...(resolved().mapping as RidgeMapping), alphas, alphaUnits })
const pixels = (grid: number | null): Network => ({ graph: getBackbone('pixels'), params: () => Promise.resolve(new Map()), weights: 'none', pooling: grid === null ? 'none' : { grid } })
const images = Array.from({ length: 6 }, (_, i) => noisePng(`gram ${i}`))

const open = async (t: Test) => {
  const folder = temporaryFolder(t)
  const [grams, tmp] = [path.join(folder, 'grams'), path.join(folder, 'tmp')]
  fs.mkdirSync(tmp)
  const cache = await openGramCache(grams, 1e9)
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  let stages: string[] = []
  const options = { cache, products, threads: 1, spillBytes: 1e9, folder: tmp, onProgress: ({ stage }: { stage: string }) => void stages.push(stage), mapping: resolved().mapping }
  const compute = async (network: Network, layers: string[], change: Partial<typeof options> & { stimuli?: ReturnType<typeof stimuliOf>; signal?: AbortSignal } = {}) => {
    stages = []
    const { stimuli = stimuliOf(images), ...rest } = change
    const held = await layerGrams(networkSource(network, stimuli), layers, { ...options, ...rest })
    const read = new Map([...held].map(([layer, file]) => [layer, readGramFile(file.path)]))
    await Promise.all([...held.values()].map((file) => file.release()))
    return { grams: read, extracted: stages.some((stage) => stage.startsWith('activations')), stages }
  }
  const files = (): string[] => fs.readdirSync(grams).filter((name) => name.endsWith('.gram')).map((name) => path.join(grams, name))
  return { compute, files, held: () => fs.readdirSync(path.join(grams, 'held')), tmp: () => fs.readdirSync(tmp) }
}

t.test('the precision that a mapping asks for beforehand', (t) => {
  const [fine, coarse] = [mappingOf([1e-6, 1], 'relative'), mappingOf([1e-5, 1], 'relative')]
  t.equal(precisionBefore(4096, coarse), 'f64', 'few units cost little')
  t.equal(precisionBefore(4097, coarse), 'f32')
  t.equal(precisionBefore(4097, fine), 'f64', 'the default alphas need float64')
  t.equal(precisionBefore(4097, mappingOf([1e-9], 'absolute')), 'f32', 'an absolute alpha says nothing before the eigenvalues are known')
  t.end()
})

t.test('a Gram matrix is computed once for what it depends on', async (t) => {
  const { compute, files, held, tmp } = await open(t)
  const first = await compute(pixels(4), ['pixels'])
  t.ok(first.extracted)
  t.match(first.grams.get('pixels'), { units: 48, stimuli: 6, precision: 'f64' })
  const again = await compute(pixels(4), ['pixels'])
  t.notOk(again.extracted)
  t.same(again.grams.get('pixels')!.K, first.grams.get('pixels')!.K)
  t.equal(files().length, 1)

  const others = [compute(pixels(3), ['pixels']), compute(pixels(4), ['pixels'], { stimuli: stimuliOf(images, 'others') }), compute(pixels(4), ['pixels'], { threads: 2 })]
  for (const [i, other] of others.entries()) t.ok((await other).extracted, ['another pooling', 'other stimuli', 'other threads'][i])
  t.equal(files().length, 4)
  t.same([...held(), ...tmp()], [], 'nothing stays held, no spill stays')
})

t.test('only what is missing is extracted', async (t) => {
  const { compute } = await open(t)
  const graph = getBackbone('squeezenet1_1')
  const network = (seed: number): Network => ({ graph, params: () => Promise.resolve(randomParams(graph, seed)), weights: `random:${seed}:1`, pooling: { grid: 2 } })
  const of = { stimuli: stimuliOf(images.slice(0, 3)) }
  const one = await compute(network(0), ['features.3'], of)
  const both = await compute(network(0), ['features.1', 'features.3'], of)
  t.same(both.stages.filter((stage) => stage.startsWith('Gram')).map((stage) => stage.split(' ').at(-1)), ['features.1'])
  t.same([...both.grams.keys()].sort(), ['features.1', 'features.3'])
  t.same(both.grams.get('features.3')!.K, one.grams.get('features.3')!.K)
  t.ok((await compute(network(1), ['features.3'], of)).extracted, 'other weights')
})

t.test('layers that do not fit the disk together come in several passes, with the same result', async (t) => {
  const { compute } = await open(t)
  const graph = getBackbone('squeezenet1_1')
  const network: Network = { graph, params: () => Promise.resolve(randomParams(graph, 0)), weights: 'random:0:1', pooling: { grid: 2 } }
  const of = { stimuli: stimuliOf(images.slice(0, 3)) }
  const layers = ['features.1', 'features.3']
  const divided = await compute(network, layers, { ...of, spillBytes: 4 * 3 * 512 })
  t.ok(divided.stages.includes('activations, group 2 of 2'))
  const fresh = await open(t)
  const together = await fresh.compute(network, layers, of)
  for (const layer of layers) t.same(divided.grams.get(layer)!.K, together.grams.get(layer)!.K)
})

t.test('a damaged file is computed again, not used', async (t) => {
  const { compute, files, held } = await open(t)
  const first = await compute(pixels(4), ['pixels'])
  for (const damage of [(bytes: Buffer) => bytes.subarray(0, bytes.length - 9), () => Buffer.alloc(0), (bytes: Buffer) => Buffer.concat([Buffer.from('X'), bytes.subarray(1)])]) {
    const [file] = files()
    fs.writeFileSync(file, damage(fs.readFileSync(file)))
    const again = await compute(pixels(4), ['pixels'])
    t.ok(again.extracted)
    t.same(again.grams.get('pixels')!.K, first.grams.get('pixels')!.K)
    t.notOk((await compute(pixels(4), ['pixels'])).extracted, 'and is whole afterwards')
  }
  t.same(held(), [])
})

t.test('float32 where it is exact enough, float64 where a penalty is too small for it', async (t) => {
  const { compute, files } = await open(t)
  const network = pixels(40) // 4,800 units
  const coarse = await compute(network, ['pixels'], { mapping: mappingOf([1e-3, 1], 'relative') })
  const lambda = coarse.grams.get('pixels')!.largestEigenvalue
  t.equal(coarse.grams.get('pixels')!.precision, 'f32')
  t.notOk((await compute(network, ['pixels'], { mapping: mappingOf([1.01e-6 * lambda], 'absolute') })).extracted, 'an absolute penalty over 1e-6 of the largest eigenvalue takes it')

  const fine = await compute(network, ['pixels'], { mapping: mappingOf([0.9e-6 * lambda, 1], 'absolute') })
  t.ok(fine.extracted, 'one under it does not')
  t.equal(fine.grams.get('pixels')!.precision, 'f64', 'f32 came first, since eigenvalues were not known, and was redone')
  t.equal(fine.stages.filter((stage) => stage.startsWith('Gram')).at(-1), 'Gram matrix of pixels')
  t.equal(files().length, 2, 'both are kept')
  const K = [coarse, fine].map(({ grams }) => grams.get('pixels')!.K)
  t.ok(K[0].every((x, i) => Math.abs(x - K[1][i]) < 1e-5 * lambda))
  t.notSame(K[0], K[1])

  const default_ = await compute(network, ['pixels'])
  t.notOk(default_.extracted, 'float64 serves every mapping after that')
  t.equal(default_.grams.get('pixels')!.precision, 'f64')
  t.equal((await compute(network, ['pixels'], { mapping: mappingOf([1e-3, 1], 'relative') })).grams.get('pixels')!.precision, 'f64')
})

t.test('failure and abort leave no spill and hold no file', async (t) => {
  const { compute, held, tmp } = await open(t)
  await compute(pixels(4), ['pixels'])
  const reason = new Error('cancelled')
  await t.rejects(compute(pixels(5), ['pixels'], { signal: AbortSignal.abort(reason) }), reason)
  await t.rejects(compute(pixels(5), ['pixels'], { stimuli: stimuliOf([images[0], Buffer.from('text')]) }), { code: 'not-an-image' })
  await t.rejects(compute(pixels(null), ['pixels'], { spillBytes: 1e6 }), { code: 'does-not-fit', message: /Pool the layer/ })
  const full = { value: () => { throw Object.assign(new Error('full'), { code: 'ENOSPC' }) } } // prettier-ignore
  t.intercept(fs, 'writeSync', full)
  await t.rejects(compute(pixels(5), ['pixels']), { code: 'disk-full' })
  t.same([...held(), ...tmp()], [])
})

t.test('a layer whose file was there is let go when another one fails', async (t) => {
  const { compute, held, files } = await open(t)
  const graph = getBackbone('squeezenet1_1')
  const network: Network = { graph, params: () => Promise.resolve(randomParams(graph, 0)), weights: 'random:0:1', pooling: { grid: 2 } }
  await compute(network, ['features.1'])
  t.equal(files().length, 1)
  await t.rejects(compute(network, ['features.1', 'features.3'], { signal: AbortSignal.abort() }))
  t.same(held(), [])
})
