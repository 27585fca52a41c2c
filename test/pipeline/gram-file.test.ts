import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readGramFile, writeGramFile } from '../../src/pipeline/gram-file.ts'
import type { LayerGram } from '../../src/pipeline/gram-file.ts'
import { gauss } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'

const n = 5
const gram: LayerGram = {
  units: 123_456,
  stimuli: n,
  precision: 'f32',
  K: gauss('K', n * n),
  Xmu: gauss('Xmu', n),
  Xsum: gauss('Xsum', n),
  sumSquares: gauss('squares', n),
  muSquared: 1 / 3,
  muSum: -1e-17,
  largestEigenvalue: Math.PI,
  values: null,
}

t.test('comes back to the bit, in shared memory', (t) => {
  const file = path.join(temporaryFolder(t), 'a.gram')
  writeGramFile(file, gram)
  const read = readGramFile(file)
  t.same({ ...read, K: [...read.K], Xmu: [...read.Xmu], Xsum: [...read.Xsum], sumSquares: [...read.sumSquares] }, {
    ...gram, K: [...gram.K], Xmu: [...gram.Xmu], Xsum: [...gram.Xsum], sumSquares: [...gram.sumSquares],
  }) // prettier-ignore
  t.ok(read.K.buffer instanceof SharedArrayBuffer)
  t.end()
})

t.test('activations come back to the bit where they are asked for, and only there', (t) => {
  const file = path.join(temporaryFolder(t), 'a.gram')
  for (const values of [Float32Array.from(gauss('values', 2 * n)), gauss('values', 2 * n)]) {
    writeGramFile(file, { ...gram, units: 2, values })
    t.same(readGramFile(file, (stimuli, units) => stimuli === n && units === 2).values, values)
    t.equal(readGramFile(file).values, null)
    fs.truncateSync(file, fs.statSync(file).size - 1)
    t.throws(() => readGramFile(file), /not whole/)
  }
  t.end()
})

t.test('a file that is not whole is refused', (t) => {
  const file = path.join(temporaryFolder(t), 'a.gram')
  writeGramFile(file, gram)
  const whole = fs.readFileSync(file)
  const damaged: [string, Buffer][] = [
    ['empty', Buffer.alloc(0)],
    ['cut inside the magic', whole.subarray(0, 7)],
    ['cut inside the header', whole.subarray(0, 30)],
    ['without its last byte', whole.subarray(0, -1)],
    ['with a byte too many', Buffer.concat([whole, Buffer.from([0])])],
    ['of another kind', Buffer.concat([Buffer.from('something else'), whole])],
    ['with a header as long as 4 GB', Buffer.concat([whole.subarray(0, 12), Buffer.from([255, 255, 255, 255]), whole.subarray(16)])],
    ['zeros', Buffer.alloc(whole.length)],
  ]
  for (const [what, bytes] of damaged) {
    fs.writeFileSync(file, bytes)
    t.throws(() => readGramFile(file), what)
  }
  t.end()
})
