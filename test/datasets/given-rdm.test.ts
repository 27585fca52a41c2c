import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readGivenRdm } from '../../src/datasets/given-rdm.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { encodeNpz } from '../../src/numerics/npz.ts'
import { temporaryFolder } from '../helper/home.ts'
import { needs, shared } from '../helper/shared.ts'

const triangle = [0.5, 1, 1.5, 0.25, 2, 0.75]
const square = Float64Array.of(0, 0.5, 1, 1.5, 0.5, 0, 0.25, 2, 1, 0.25, 0, 0.75, 1.5, 2, 0.75, 0)
const ids = ['s1', 's2', 's3', 's4']
const matFile = path.resolve(import.meta.dirname, '../reference/mat5/rdms.mat')

t.test('square arrays and triangles, with names where the file has them', async (t) => {
  const folder = temporaryFolder(t)
  const read = async (name: string, bytes: Uint8Array | string, variable?: string) => {
    fs.writeFileSync(path.join(folder, name), bytes)
    return readGivenRdm(sourceFile(path.join(folder, name)), variable)
  }
  const rows = [0, 1, 2, 3].map((i) => Array.from(square.subarray(4 * i, 4 * i + 4)))
  const plain = { n: 4, values: Float64Array.from(triangle), labels: null, variable: null }
  t.strictSame(await read('square.npy', encodeNpy(square, [4, 4])), plain)
  t.strictSame(await read('triangle.npy', encodeNpy(Float64Array.from(triangle), [6])), plain)
  t.strictSame(await read('single.npy', encodeNpy(Float32Array.from(square), [1, 4, 4])), plain)
  t.strictSame(await read('plain.csv', rows.map((row) => row.join(',')).join('\n')), plain)
  const labelled = [['', ...ids], ...rows.map((row, i) => [ids[i], ...row])]
  t.strictSame(await read('pandas.csv', labelled.map((row) => row.join(',')).join('\n')), { ...plain, labels: ids })
  t.strictSame(await read('numbers.csv', [['stimulus_id', 1, 2, 3, 4], ...rows.map((row, i) => [i + 1, ...row])].map((row) => row.join(';')).join('\n')), { ...plain, labels: ['1', '2', '3', '4'] })
  const named = { rdm: encodeNpy(square, [4, 4]), stimulus_id: encodeNpy(ids, [4]), percentile: encodeNpy(square, [4, 4]) }
  t.strictSame(await read('own.npz', await encodeNpz(named)), { ...plain, labels: ids, variable: 'rdm' })
  t.strictSame(await read('other.npz', await encodeNpz({ mine: encodeNpy(square, [4, 4]), colour: encodeNpy(Float64Array.of(1, 2, 3), [3]) })), { ...plain, variable: 'mine' })
  t.strictSame(await readGivenRdm(sourceFile(matFile), 'RDMs(2).RDM'), { n: 4, values: Float64Array.from(triangle, (x) => 2 * x), labels: null, variable: 'RDMs(2).RDM' })
  const holes = square.slice()
  holes[1] = holes[4] = NaN
  t.strictSame((await read('holes.npy', encodeNpy(holes, [4, 4]))).values, Float64Array.from([NaN, ...triangle.slice(1)]), 'a pair may lack its value')
})

t.test('what is no RDM, or one of several, is refused by name', async (t) => {
  const folder = temporaryFolder(t)
  const refused = async (name: string, bytes: Uint8Array | string, expected: { code: string; message?: RegExp }, variable?: string): Promise<void> => {
    fs.writeFileSync(path.join(folder, name), bytes)
    await t.rejects(readGivenRdm(sourceFile(path.join(folder, name)), variable), expected, `${name} ${expected.code} ${expected.message?.source ?? ''}`)
  }
  const changed = (at: number, value: number): Uint8Array => encodeNpy(square.map((x, k) => (k === at ? value : x)), [4, 4])
  await refused('a.npy', changed(1, 0.6), { code: 'invalid-value', message: /row 1 is 0.6 from row 2, and 0.5/ })
  await refused('a.npy', changed(1, NaN), { code: 'invalid-value', message: /symmetric/ })
  await refused('a.npy', encodeNpy(square.map((x) => 1 - x), [4, 4]), { code: 'invalid-value', message: /send 1 - r/ })
  await refused('a.npy', encodeNpy(square.map((x, k) => (k === 1 || k === 4 ? Infinity : x)), [4, 4]), { code: 'invalid-value', message: /infinity/ })
  await refused('a.npy', encodeNpy(square.subarray(0, 12), [3, 4]), { code: 'count-mismatch', message: /3 x 4/ })
  await refused('a.npy', encodeNpy(square.subarray(0, 5), [5]), { code: 'count-mismatch' })
  await refused('a.npy', encodeNpy(square, [4, 4]), { code: 'unknown-field' }, 'rdm')
  await refused('a.npy', 'no array', { code: 'damaged-file' })
  await refused('a.txt', '0,1', { code: 'unsupported-format', message: /\.mat/ })
  await refused('a.csv', '0,1,2\n1,0,3', { code: 'count-mismatch', message: /2 rows, and 3 columns in row 1/ })
  await refused('a.csv', '0,1,2\n1,0,x\n2,x,0', { code: 'invalid-value', message: /"x"/ })
  await refused('a.csv', ',a,b,c\na,0,1,2\nc,1,0,3\nb,2,3,0', { code: 'count-mismatch', message: /rows and columns differ at "b"/ })
  await refused('a.npz', await encodeNpz({ one: encodeNpy(square, [4, 4]), two: encodeNpy(square, [4, 4]) }), { code: 'missing-field', message: /several arrays that can be one \(one, two\)/ })
  await refused('a.npz', await encodeNpz({ one: encodeNpy(square, [4, 4]) }), { code: 'missing-field', message: /no array "two". It holds one/ }, 'two')
  await refused('a.mat', fs.readFileSync(matFile), { code: 'missing-field', message: /\(RDMs\(1\)\.RDM, RDMs\(2\)\.RDM\)/ })
  await refused('a.mat', fs.readFileSync(matFile), { code: 'invalid-value', message: /symmetric/ }, 'notSymmetric')
  await refused('a.mat', fs.readFileSync(matFile), { code: 'invalid-value', message: /1 x 5 char, not an RDM/ }, 'RDMs(1).name')
})

t.test('the RDMs of Kriegeskorte et al. (2008): humans square, monkeys a triangle', needs('data', 'neural', 'kriegeskorte-2008'), async (t) => {
  const file = (name: string) => sourceFile(shared('data', 'neural', 'kriegeskorte-2008', name))
  const monkey = await readGivenRdm(file('Kriegeskorte_Neuron2008_supplementalData.mat'), 'RDMs_mIT_hIT_fig1(1).RDM')
  t.equal(monkey.n, 92)
  const human = await readGivenRdm(file('92_brainRDMs.mat'), 'RDMs(1,1,1).RDM')
  t.equal(human.n, 92)
  await t.rejects(readGivenRdm(file('92_brainRDMs.mat')), { code: 'missing-field', message: /RDMs\(1,1,1\)\.RDM/ })
})
