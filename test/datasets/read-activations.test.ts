import fs from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { readActivations } from '../../src/datasets/read-activations.ts'
import type { ActivationsOptions } from '../../src/datasets/read-activations.ts'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { uniforms } from '../helper/generator.ts'
import { patched, refuses, workFolder, writeFile, zipBytes } from './fixtures.ts'

const ids = ['a', 'b', 'c', 'd']
const X = uniforms('activations', 4 * 6).map((u) => u - 0.5)
const npy = (values: Float64Array | Float32Array = X, shape: number[] = [4, 6]): Uint8Array => encodeNpy(values, shape)
const text = (values: readonly string[]): Uint8Array => encodeNpy(values, [values.length])
const npz = (arrays: Record<string, Uint8Array>, compress = false): Promise<Buffer> => zipBytes(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes] as const), { compress })

/** The same array with its first axis fastest, as numpy saves a transposed one. */
const fortran = (values: Float64Array, shape: number[], descr: '<f8' | '>f8' = '<f8'): Uint8Array => {
  const turned = new Float64Array(values.length)
  const index = shape.map(() => 0)
  for (let at = 0; at < turned.length; at++) {
    turned[at] = values[index.reduce((place, i, axis) => place * shape[axis] + i, 0)]
    for (let axis = 0; axis < shape.length && ++index[axis] === shape[axis]; axis++) index[axis] = 0
  }
  const bytes = patched(Buffer.from(encodeNpy(turned, shape)), "'fortran_order': False", "'fortran_order': True ")
  if (descr === '<f8') return bytes
  bytes.subarray(bytes.length - 8 * values.length).swap64()
  return patched(bytes, '<f8', '>f8')
}

const read = async (t: Test, name: string, bytes: Uint8Array, options: Partial<ActivationsOptions> = {}) => {
  const folder = workFolder(t)
  const layers = await readActivations(writeFile(folder, name, bytes), { stimulusIds: ids, rows: null, workFolder: folder, ...options })
  const arrays = await Promise.all(layers.map(async (layer) => ({ ...layer, ...(await readNpyFile(layer.path)), units: layer.units })))
  return { arrays, left: fs.readdirSync(folder).sort() }
}

t.test('rows are put into the order of the dataset, by id', async (t) => {
  const order = [2, 0, 3, 1] // the file's rows
  const mixed = Float64Array.from({ length: 24 }, (_, at) => X[order[Math.floor(at / 6)] * 6 + (at % 6)])
  for (const compress of [false, true]) {
    const { arrays, left } = await read(t, 'x.npz', await npz({ activations: npy(mixed), stimulus_id: text(order.map((i) => ids[i])) }, compress))
    t.match(arrays, [{ name: 'activations', shape: [4, 6], units: 6, type: 'f8' }])
    t.strictSame(arrays[0].data, X, 'to the last bit of float64')
    t.same(left, ['layer-0.npy', 'x.npz'], 'nothing else stays in the folder')
  }
  const whole = await read(t, 'x.npz', await npz({ activations: npy(mixed), stimulus_id: encodeNpy(BigInt64Array.from(order, BigInt), [4]) }), { stimulusIds: ['0', '1', '2', '3'] })
  t.strictSame(whole.arrays[0].data, X, 'ids may be whole numbers')
})

t.test('any order, type and number of axes', async (t) => {
  const stimulus_id = text(ids)
  const single = Float32Array.from(X)
  t.match((await read(t, 'x.npz', await npz({ activations: npy(single), stimulus_id }))).arrays, [{ type: 'f4', data: Float64Array.from(single) }])
  for (const descr of ['<f8', '>f8'] as const) {
    const { arrays, left } = await read(t, 'x.npz', await npz({ activations: fortran(X, [4, 6], descr), stimulus_id }))
    t.strictSame(arrays[0].data, X, `Fortran order, ${descr}`)
    t.same(left, ['layer-0.npy', 'x.npz'])
  }
  const cube = uniforms('cube', 4 * 2 * 3 * 5)
  for (const bytes of [npy(cube, [4, 2, 3, 5]), fortran(cube, [4, 2, 3, 5])]) {
    const { arrays } = await read(t, 'x.npz', await npz({ activations: bytes, stimulus_id }))
    t.match(arrays, [{ shape: [4, 2, 3, 5], units: 30 }])
    t.strictSame(arrays[0].data, cube, 'flattened as C, H, W')
  }
})

t.test('a Fortran array that is wider than a slab is turned around slab by slab', async (t) => {
  const [n, p] = [4, 2_100_000] // 64 MB hold 2,000,000 columns
  const wide = Float64Array.from({ length: n * p }, (_, at) => at % 1009)
  const folder = workFolder(t)
  const [layer] = await readActivations(writeFile(folder, 'x.npy', fortran(wide, [n, p])), { stimulusIds: ids, rows: 'dataset-order', workFolder: folder })
  const { data } = await readNpyFile(layer.path)
  t.ok(data.every((x, at) => x === wide[at]))
})

t.test('several layers by their names; a bare .npy in the stated order', async (t) => {
  const { arrays } = await read(t, 'x.npz', await npz({ conv1: npy(), 'blocks/2': npy(X, [4, 3, 2]), stimulus_id: text(ids) }))
  t.match(arrays, [{ name: 'conv1', shape: [4, 6] }, { name: 'blocks/2', shape: [4, 3, 2] }])
  const bare = await read(t, 'x.npy', npy(), { rows: 'dataset-order' })
  t.match(bare.arrays, [{ name: 'activations', data: X }])
  t.same(bare.left, ['layer-0.npy', 'x.npy'])
})

t.test('what cannot be activations is refused, with what is wrong of it', async (t) => {
  const stimulus_id = text(ids)
  const refuse = async (bytes: Uint8Array | Promise<Uint8Array>, code: Parameters<typeof refuses>[2], ...parts: RegExp[]): Promise<void> => {
    const content = await bytes
    const rows = Buffer.from(content).subarray(1, 6).toString() === 'NUMPY' ? 'dataset-order' : null
    await refuses(t, () => read(t, 'x', content, { rows }), code, ...parts)
  }
  const of = (change: Record<string, Uint8Array>): Promise<Buffer> => npz({ activations: npy(), stimulus_id, ...change })
  await refuse(of({ stimulus_id: text(['a', 'b', 'c', 'x']) }), 'count-mismatch', /"d"/, /"x"/)
  await refuse(npz({ activations: npy(X.slice(0, 18), [3, 6]), stimulus_id: text(['a', 'b', 'c']) }), 'count-mismatch', /1 of the dataset's 4 stimuli have no row \("d"\)/)
  await refuse(npz({ activations: npy(uniforms('5', 30), [5, 6]), stimulus_id: text([...ids, 'e']) }), 'count-mismatch', /1 rows belong to no stimulus/, /"e"/)
  await refuse(of({ stimulus_id: text(['a', 'b', 'c', 'a']) }), 'duplicate-id', /"a" has rows 0 and 3/)
  await refuse(of({ stimulus_id: text(['a', 'b']) }), 'count-mismatch', /"c"/)
  await refuse(of({ stimulus_id: encodeNpy(['a', 'b', 'c', 'd'], [2, 2]) }), 'count-mismatch', /\(2, 2\)/)
  await refuse(npz({ activations: npy() }), 'missing-field', /stimulus_id/)
  await refuse(npz({ stimulus_id }), 'missing-field', /no activations/)
  await refuse(of({ mean: npy() }), 'unknown-field', /mean/)
  await refuse(npz({ a: npy(), label: text(ids), stimulus_id }), 'unsupported-dtype', /label/)
  await refuse(of({ activations: npy(X, [6, 4]) }), 'count-mismatch', /6 rows/, /transposed/)
  await refuse(of({ activations: npy(X, [24]) }), 'count-mismatch', /\(24\)/)
  await refuse(of({ activations: npy(new Float64Array(0), [4, 0]) }), 'count-mismatch', /no unit/)
  await refuse(of({ activations: npy(X.with(7, NaN)) }), 'non-finite-activations', /NaN at stimulus "b", unit 1/)
  await refuse(of({ activations: npy(Float32Array.from(X).with(23, -Infinity)) }), 'non-finite-activations', /-Infinity at stimulus "d", unit 5/)
  await refuse(of({ activations: patched(Buffer.from(npy()), '<f8', '<c8') }), 'unsupported-dtype', /c8/)
  await refuse(of({ activations: patched(Buffer.from(npy()), "'<f8'", "'|O' ") }), 'unsupported-dtype', /O/)
  await refuse(of({ activations: npy().subarray(0, -8) }), 'damaged-file', /activations/)
  await refuse(npy().subarray(0, -8), 'damaged-file')
  await refuse(npy(X.slice(0, 18), [3, 6]), 'count-mismatch', /3 rows/, /4 stimuli/)
  await refuse((await of({})).subarray(0, -30), 'damaged-file')
  await refuse(patched(await of({}), 'activations.npy', '../ivations.npy'), 'unsafe-path')
  await refuse(patched(await npz({ activations: npy(), activationz: npy(), stimulus_id }), 'activationz', 'activations'), 'duplicate-id', /activations/)
  const flipped = Buffer.from(await of({}))
  flipped[200] ^= 1
  await refuse(flipped, 'damaged-file', /checksum/)
  const bomb = Buffer.from(await of({}))
  bomb.writeUInt32LE(2e9, bomb.indexOf('PK\x01\x02', 0, 'latin1') + 24)
  await refuse(bomb, 'archive-bomb', /times its size/)
  await refuse(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), 'unsupported-format', /npz/)
  await refuse(Buffer.alloc(0), 'damaged-file', /empty/)
  await refuses(t, () => read(t, 'x.npy', npy()), 'ambiguous-order', /rows=dataset-order/)
  await refuses(t, () => read(t, 'x.npy', npy(), { rows: 'sorted' }), 'ambiguous-order')
  await refuses(t, async () => read(t, 'x.npz', await of({}), { rows: 'dataset-order' }), 'unknown-field', /leave it out/)
})

t.test('an abort ends the reading', async (t) => {
  const bytes = await npz({ activations: npy(), stimulus_id: text(ids) })
  await t.rejects(read(t, 'x.npz', bytes, { signal: AbortSignal.abort(new Error('gone')) }))
})
