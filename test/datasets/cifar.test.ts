import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { bmpOfPlanes } from '../../src/datasets/bmp-of-planes.ts'
import { looksLikeCifar, openCifar } from '../../src/datasets/cifar.ts'
import { decodeImage } from '../../src/models/preprocess/decode.ts'
import { cifarRecords, writeCifar10 } from '../helper/cifar.ts'
import { temporaryFolder } from '../helper/home.ts'

t.test('CIFAR-10: batches in order, one label byte, names from its list', async (t) => {
  const folder = temporaryFolder(t)
  writeCifar10(folder, { train: 2, test: 1 })
  const second = cifarRecords(10, 10, 1, 9)
  fs.writeFileSync(path.join(folder, 'data_batch_2.bin'), second)
  const cifar = await openCifar(folder)
  t.match(cifar, { name: 'CIFAR-10', published: { train: 50_000, test: 10_000 } })
  t.equal(cifar.classNames[3], 'cat')
  t.same(cifar.train.map(({ label }) => label), Array.from({ length: 30 }, (_, i) => i % 10))
  t.equal(cifar.test.length, 10)
  t.same(Buffer.from(await cifar.read(cifar.train[24])), second.subarray(4 * 3073 + 1, 5 * 3073), 'record 4 of the second batch, without its label')
})

t.test('CIFAR-100: the fine label is the class', async (t) => {
  const folder = temporaryFolder(t)
  const records = cifarRecords(100, 100, 1, 3)
  fs.writeFileSync(path.join(folder, 'train.bin'), records)
  fs.writeFileSync(path.join(folder, 'test.bin'), records.subarray(0, 3 * 3074))
  const cifar = await openCifar(folder)
  t.equal(cifar.name, 'CIFAR-100')
  t.same(cifar.train.map(({ label }) => label), Array.from({ length: 100 }, (_, i) => i))
  t.equal(cifar.classNames[42], '42', 'numbers where its list is not there')
  t.same(Buffer.from(await cifar.read(cifar.test[2])), records.subarray(2 * 3074 + 2, 3 * 3074))
})

t.test('as a BMP a picture is decoded to the same pixels', async (t) => {
  const planes = Uint8Array.from({ length: 3 * 64 }, (_, i) => (i * 37) & 255)
  const { width, height, data } = await decodeImage(bmpOfPlanes(planes, 8), 'picture')
  t.same([width, height], [8, 8])
  t.same([...data], Array.from({ length: 3 * 64 }, (_, at) => planes[(at % 3) * 64 + Math.floor(at / 3)]))
})

t.test('damaged, missing and mixed files are refused by name', async (t) => {
  const refuses = async (change: (folder: string) => void, code: string, message: RegExp): Promise<void> => {
    const folder = temporaryFolder(t)
    writeCifar10(folder, { train: 1, test: 1 })
    change(folder)
    await t.rejects(openCifar(folder), { code, message })
  }
  const write = (name: string, bytes: Uint8Array) => (folder: string) => fs.writeFileSync(path.join(folder, name), bytes)
  await refuses(write('test_batch.bin', Buffer.alloc(3073 * 2 - 1)), 'damaged-file', /test_batch\.bin: it has 6145 bytes, which are no whole records of 3073/)
  await refuses(write('data_batch_1.bin', Buffer.alloc(0)), 'damaged-file', /data_batch_1\.bin: it has 0 bytes/)
  await refuses(write('data_batch_2.bin', Buffer.alloc(3073 * 3, 77)), 'damaged-file', /data_batch_2\.bin: record 0 has the label 77/)
  await refuses((folder) => fs.rmSync(path.join(folder, 'test_batch.bin')), 'not-found', /test_batch\.bin is not there/)
  await refuses((folder) => fs.rmSync(path.join(folder, 'data_batch_1.bin')), 'not-found', /data_batch_1\.bin is not there/)
  await refuses(write('test.bin', Buffer.alloc(3074)), 'invalid-value', /CIFAR-10 and of CIFAR-100/)
  t.equal(looksLikeCifar(['a.png', 'readme.txt']), false)
  t.equal(looksLikeCifar(['train.bin']), true)
})
