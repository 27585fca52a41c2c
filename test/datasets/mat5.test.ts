import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { VentralError } from '../../src/domain/errors.ts'
import { mat5Limits, readMat5 } from '../../src/datasets/mat5/mat5.ts'
import { numericArrays, selectMat } from '../../src/datasets/mat5/select.ts'
import { describeMat } from '../../src/datasets/mat5/values.ts'
import type { MatValue, MatVariable } from '../../src/datasets/mat5/values.ts'
import { needs, shared } from '../helper/shared.ts'

const reference = (name: string): Buffer => fs.readFileSync(path.resolve(import.meta.dirname, '../reference/mat5', name))
const readAll = (bytes: Buffer): MatVariable[] => [...readMat5(bytes, 'file.mat')]
const numbers = (value: MatValue): number[] => (value.kind === 'numeric' ? Array.from(value.data()) : [])

/** A file as MATLAB lays it out, in either byte order, of whatever elements. */
const fileWriter = (littleEndian: boolean) => {
  const u32 = (value: number): Buffer => {
    const out = Buffer.alloc(4)
    if (littleEndian) out.writeUInt32LE(value)
    else out.writeUInt32BE(value)
    return out
  }
  const element = (type: number, data: Buffer, length = data.length): Buffer => Buffer.concat([u32(type), u32(length), data, Buffer.alloc(type === 15 ? 0 : (8 - (data.length % 8)) % 8)])
  const small = (type: number, data: Buffer): Buffer => Buffer.concat([u32((data.length << 16) | type), data, Buffer.alloc(4 - data.length)])
  const int32s = (values: number[]): Buffer => Buffer.concat(values.map((value) => u32(value >>> 0)))
  const doubles = (values: number[]): Buffer =>
    Buffer.concat(
      values.map((value) => {
        const out = Buffer.alloc(8)
        if (littleEndian) out.writeDoubleLE(value)
        else out.writeDoubleBE(value)
        return out
      }),
    )
  const array = (classAndFlags: number, dims: number[], name: string, ...content: Buffer[]): Buffer =>
    element(14, Buffer.concat([element(6, int32s([classAndFlags, 0])), element(5, int32s(dims)), name.length <= 4 && name.length > 0 ? small(1, Buffer.from(name)) : element(1, Buffer.from(name)), ...content]))
  const header = Buffer.alloc(128, ' ')
  header.write('MATLAB 5.0 MAT-file')
  header.write(littleEndian ? '\x00\x01IM' : '\x01\x00MI', 124, 'latin1')
  return { element, small, int32s, doubles, array, file: (...elements: Buffer[]): Buffer => Buffer.concat([header, ...elements]) }
}

t.test('what SciPy writes, plain and compressed', async (t) => {
  for (const name of ['plain.mat', 'packed.mat']) {
    const variables = readAll(reference(name))
    const of = (variable: string): MatValue => selectMat(variables, variable, name)
    t.strictSame(
      variables.map((variable) => `${variable.name}: ${describeMat(variable.value)}`),
      ['numbers: 3 x 4 double', 'counts: 2 x 2 int16', 'bytes: 1 x 2 x 3 uint8', 'singles: 1 x 2 single', 'truth: 1 x 2 logical', 'large: 1 x 1 int64', 'text: 1 x 6 char', 'lines: 2 x 2 char', 'cells: 1 x 3 cell', 'one: 1 x 1 struct', 'many: 1 x 2 struct', 'complex: 1 x 1 complex double'],
      name,
    )
    t.strictSame(numbers(of('numbers')), [0, 1, 2, 0.25, 1.25, 2.25, 0.5, 1.5, 2.5, 0.75, 1.75, 2.75], 'column by column')
    t.strictSame(numbers(of('counts')), [1, 300, -2, 4])
    t.strictSame(numbers(of('bytes')), [0, 3, 1, 4, 2, 5])
    t.strictSame(numbers(of('singles')), [0.5, NaN])
    t.strictSame(numbers(of('truth')), [1, 0])
    t.strictSame(numbers(of('large')), [2 ** 40])
    t.strictSame(of('text'), { kind: 'char', dims: [1, 6], rows: ['häuser'] })
    t.match(of('lines'), { rows: ['ab', 'cd'] })
    t.match(of('cells{1}'), { rows: ['bear'] })
    t.strictSame(numbers(of('cells{1,2}')), [1.5, 2.5])
    t.match(of('cells{3}'), { kind: 'numeric', dims: [0, 0] })
    t.strictSame(numbers(of('one.values')), [1, 2, 3])
    t.match(of('many(2).label'), { rows: ['b'] })
    t.strictSame(numbers(of('many(1,2).value')), [2])
    t.strictSame([...numericArrays(variables)].map((found) => found.path).slice(6), ['cells{2}', 'cells{3}', 'one.values', 'many(1).value', 'many(2).value'])
    for (const [wrong, why] of [['none', /variables are numbers/], ['one.colour', /fields are name, values/], ['many.value', /which of 1 x 2/], ['many(3).value', /outside/], ['cells{4}', /outside/], ['cells(1)', /cell/], ['numbers.x', /field/], ['many(1,2,2).value', /outside/], ['a b', /not written/], ['one.values{1}', /for a cell/]] as const)
      t.throws(() => of(wrong), { code: 'missing-field', message: why }, wrong)
  }
})

t.test('either byte order, small elements, numbers in smaller types, text in other units', async (t) => {
  for (const littleEndian of [true, false]) {
    const { element, small, int32s, doubles, array, file } = fileWriter(littleEndian)
    const [value] = readAll(file(array(6, [2, 2], 'x', element(9, doubles([1, 2.5, -3, 4])))))
    t.match(value, { name: 'x', value: { kind: 'numeric', className: 'double' } })
    t.strictSame(numbers(value.value), [1, 2.5, -3, 4])
    t.strictSame(numbers(readAll(file(array(6, [3, 1], 'name', small(2, Buffer.from([7, 8, 9])))))[0].value), [7, 8, 9], 'doubles stored as bytes')
    t.match(readAll(file(array(4, [1, 4], 'utf', element(16, Buffer.from('föö!')))))[0].value, { rows: ['föö!'] })
    t.match(readAll(file(array(4, [1, 2], 'wide', element(18, int32s([0x1f600, 0x41])))))[0].value, { rows: ['😀A'] })
    t.match(readAll(file(array(16, [1, 1], 'f', array(2, [1, 1], '')), array(6, [1, 1], 'y', element(9, doubles([5]))))), [{ value: { kind: 'unread', what: 'function' } }, { name: 'y' }], 'what cannot be read is told, what follows is read')
    const packed = zlib.deflateSync(array(6, [1, 1], 'z', element(9, doubles([6]))))
    t.strictSame(numbers(readAll(file(element(15, packed), element(15, packed)))[1].value), [6], 'compressed elements are not filled up')
  }
})

t.test('every file that is wrong is refused by name', async (t) => {
  const { element, int32s, doubles, array, file } = fileWriter(true)
  const refused = (bytes: Buffer, expected: { code: string; message?: RegExp }, name: string): void => {
    t.throws(() => readAll(bytes).map(({ value }) => numbers(value)), expected, name)
  }
  const whole = file(array(6, [1, 2], 'x', element(9, doubles([1, 2]))))
  refused(Buffer.from(''), { code: 'damaged-file' }, 'empty')
  refused(Buffer.from('hello'.repeat(50)), { code: 'unsupported-format' }, 'text')
  refused(Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(600)]), { code: 'unsupported-format', message: /7\.3.*-v7/ }, 'HDF5')
  refused(Buffer.concat([whole.subarray(0, 124), Buffer.from('\x00\x02IM', 'latin1')]), { code: 'unsupported-format', message: /7\.3/ }, 'version 7.3')
  refused(whole.subarray(0, whole.length - 8), { code: 'damaged-file', message: /cut off/ }, 'cut off')
  refused(whole.subarray(0, 133), { code: 'damaged-file' }, 'cut off in a tag')
  refused(file(element(9, doubles([1]))), { code: 'damaged-file', message: /variable/ }, 'no variable')
  refused(file(array(6, [1, 3], 'x', element(9, doubles([1, 2])))), { code: 'damaged-file', message: /"x" is damaged: 2 values where 1 x 3 values/ }, 'fewer values than the dimensions say')
  refused(file(array(6, [1], 'x', element(9, doubles([1])))), { code: 'damaged-file', message: /dimensions/ }, 'one dimension')
  refused(file(array(6, [-1, -1], 'x', element(9, doubles([1])))), { code: 'damaged-file' }, 'negative dimensions')
  refused(file(array(6, [2 ** 30, 2 ** 30], 'x', element(9, doubles([1])))), { code: 'damaged-file' }, 'more than a file can hold')
  refused(file(array(1, [1e6, 1e3], 'x')), { code: 'damaged-file', message: /1000000000 values/ }, 'a billion cells in no bytes')
  refused(file(array(99, [1, 1], 'x')), { code: 'damaged-file', message: /class 99/ }, 'an unknown class')
  refused(file(array(2, [1, 1], 'x', element(5, int32s([0])), element(1, Buffer.from('ab')))), { code: 'damaged-file', message: /field names/ }, 'field names of no length')
  refused(file(array(14, [1, 1], 'x', element(12, Buffer.alloc(8, 0x7f)))), { code: 'damaged-file', message: /2\^53/ }, 'an integer that a double cannot hold')
  refused(file(element(15, Buffer.from('no zlib'))), { code: 'damaged-file', message: /unpacked/ }, 'compressed data that is none')
  refused(file(element(15, zlib.deflateSync(Buffer.alloc(2 ** 28)))), { code: 'archive-bomb' }, 'a bomb')
  let deep = array(6, [1, 1], '', element(9, doubles([1])))
  for (let i = 0; i < 40; i++) deep = array(1, [1, 1], '', deep)
  refused(file(deep), { code: 'damaged-file', message: /deep/ }, 'nested without end')
  const packed = element(15, zlib.deflateSync(array(9, [1000, 1000], 'x', element(2, Buffer.alloc(1e6)))))
  t.throws(() => [...readMat5(file(packed, packed), 'file.mat', { ...mat5Limits, totalBytes: 1.5e6, ratioFloor: 2e6 })], { code: 'archive-bomb' }, 'the sum of all')
})

t.test('whatever bytes are changed or cut, a file is read or refused: no crash, no hang', async (t) => {
  for (const name of ['plain.mat', 'packed.mat']) {
    const whole = reference(name)
    const mutation = fc.record({ at: fc.array(fc.tuple(fc.integer({ min: 124, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }), length: fc.oneof(fc.constant(whole.length), fc.integer({ min: 0, max: whole.length })) })
    fc.assert(
      fc.property(mutation, ({ at, length }) => {
        const bytes = Buffer.from(whole)
        for (const [place, value] of at) bytes[place] = value
        try {
          for (const { value } of [...numericArrays(readMat5(bytes.subarray(0, length), name))]) value.data()
          return true
        } catch (error) {
          return error instanceof VentralError
        }
      }),
      { numRuns: 1500, seed: 5 },
    )
  }
  t.pass('held for all')
})

t.test('the MAT-files of Kriegeskorte et al. (2008)', needs('data', 'neural', 'kriegeskorte-2008'), async (t) => {
  const file = (name: string): MatVariable[] => readAll(fs.readFileSync(shared('data', 'neural', 'kriegeskorte-2008', name)))
  const brains = file('92_brainRDMs.mat')
  t.strictSame(brains.map(({ name, value }) => `${name}: ${describeMat(value)}`), ['RDMs: 1 x 4 x 2 struct'])
  t.match(selectMat(brains, 'RDMs(1,2,2).name', 'f'), { rows: ['hIT | KO | Session: 2'] })
  t.strictSame(numbers(selectMat(brains, 'RDMs(1,2,2).RDM', 'f')).slice(0, 3), [0, 0.7960460186004639, 0.7996459603309631])
  const supplement = file('Kriegeskorte_Neuron2008_supplementalData.mat')
  t.strictSame(supplement.map(({ name, value }) => `${name}: ${describeMat(value)}`), ['categoryLabels: 1 x 12 cell', 'RDMs_mIT_hIT_fig1: 1 x 2 struct', 'categoryVectors: 92 x 12 double', 'stimuli_92objs: 1 x 92 struct'])
  t.match(selectMat(supplement, 'stimuli_92objs(5).image', 'f'), { dims: [175, 175, 3], className: 'uint8' })
})
