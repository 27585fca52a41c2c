import fs from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { firstBytes } from './source-file.ts'

// CIFAR's binary format (Krizhevsky 2009, www.cs.toronto.edu/~kriz/cifar.html): records of 1 label byte (CIFAR-100: coarse, then fine) and
// 3,072 bytes of a 32 x 32 picture: all red, all green, all blue, each row by row.

/** Side of the pictures. */
export const CIFAR_SIDE = 32
const PLANE = CIFAR_SIDE ** 2
/** Most bytes of a file, which is read whole for its labels: CIFAR-100's training set has 154 MB. */
const MAX_FILE = 400e6

interface Variant {
  name: 'CIFAR-10' | 'CIFAR-100'
  train: RegExp
  test: string
  /** greatest values of the label bytes; the last byte is the class */
  limits: readonly number[]
  names: string
}

const variants: readonly Variant[] = [
  { name: 'CIFAR-10', train: /^data_batch_\d+\.bin$/, test: 'test_batch.bin', limits: [9], names: 'batches.meta.txt' },
  { name: 'CIFAR-100', train: /^train\.bin$/, test: 'test.bin', limits: [19, 99], names: 'fine_label_names.txt' },
]

/** One file of records: reads are by record. */
interface CifarFile {
  path: string
  records: number
}

/** A picture: 3 x 32 x 32 bytes. */
export interface CifarPicture {
  file: string
  record: number
  label: number
}

export interface Cifar {
  name: Variant['name']
  /** as the set's own list names them, else numbers */
  classNames: string[]
  /** images that the published set has */
  published: { train: number; test: number }
  train: CifarPicture[]
  test: CifarPicture[]
  /** the bytes of a picture */
  read: (picture: CifarPicture) => Promise<Uint8Array>
}

const damaged = (file: string, what: string, expected: string, found: string): VentralError =>
  new VentralError('damaged-file', `${path.basename(file)}: ${what}. Unpack the published archive again.`, [{ pointer: path.basename(file), expected, found }])

const checkSize = async (file: string, { name, limits }: Variant): Promise<CifarFile> => {
  const { size } = await fs.stat(file)
  const record = limits.length + 3 * PLANE
  if (size > MAX_FILE) throw damaged(file, `it has ${size} bytes, more than any file of ${name}`, `at most ${MAX_FILE} bytes`, String(size))
  if (size === 0 || size % record !== 0) throw damaged(file, `it has ${size} bytes, which are no whole records of ${record} bytes as ${name} has`, `a multiple of ${record} bytes`, String(size))
  return { path: file, records: size / record }
}

/** Labels of all records, each checked. */
const readPictures = async ({ path: file, records }: CifarFile, { name, limits }: Variant): Promise<CifarPicture[]> => {
  const bytes = await fs.readFile(file)
  const record = limits.length + 3 * PLANE
  return Array.from({ length: records }, (_, i) => {
    limits.forEach((limit, b) => {
      const found = bytes[i * record + b]
      if (found > limit) throw damaged(file, `record ${i} has the label ${found}, and ${name}'s go to ${limit}`, `a label from 0 to ${limit}`, String(found))
    })
    return { file, record: i, label: bytes[i * record + limits.length - 1] }
  })
}

const readNames = async (folder: string, { names, limits }: Variant): Promise<string[]> => {
  const count = limits.at(-1)! + 1
  const text = await firstBytes(path.join(folder, names), 1 << 16).catch(() => null)
  const lines = text?.toString('utf8').split(/\r?\n/).filter((line) => line.trim() !== '') ?? []
  return lines.length === count && new Set(lines).size === count ? lines : Array.from({ length: count }, (_, k) => String(k))
}

const hasFiles = ({ train, test }: Variant, files: readonly string[]): boolean => files.includes(test) || files.some((file) => train.test(file))

/** Whether a folder's files are CIFAR's binary ones, all or some. */
export const looksLikeCifar = (files: readonly string[]): boolean => variants.some((variant) => hasFiles(variant, files))

/**
 * Opens a folder of CIFAR-10's or CIFAR-100's binary files, as their archives unpack to. Errors: `not-found` for a file that is missing,
 * `damaged-file` for one that is no whole records, or a label that cannot be.
 */
export const openCifar = async (folder: string): Promise<Cifar> => {
  const files = await fs.readdir(folder)
  const [variant, other] = variants.filter((one) => hasFiles(one, files))
  if (variant === undefined) throw new VentralError('not-found', `${folder} holds no binary files of CIFAR.`)
  if (other !== undefined) throw new VentralError('invalid-value', `${folder} holds files of ${variant.name} and of ${other.name}. Give each a folder of its own.`, [{ pointer: folder, expected: 'one data set', found: 'two' }])
  const trainFiles = files.filter((file) => variant.train.test(file)).sort()
  const missing = trainFiles.length === 0 ? (variant.name === 'CIFAR-10' ? 'data_batch_1.bin' : 'train.bin') : files.includes(variant.test) ? null : variant.test
  if (missing !== null) throw new VentralError('not-found', `${folder} is a folder of ${variant.name}, but ${missing} is not there. Unpack the published archive again.`, [{ pointer: missing, expected: 'a file', found: 'none' }])
  const pictures = async (file: string): Promise<CifarPicture[]> => readPictures(await checkSize(path.join(folder, file), variant), variant)
  const train: CifarPicture[] = []
  for (const file of trainFiles) train.push(...(await pictures(file)))
  const record = variant.limits.length + 3 * PLANE
  return {
    name: variant.name,
    published: { train: 50_000, test: 10_000 },
    classNames: await readNames(folder, variant),
    train,
    test: await pictures(variant.test),
    read: (picture) => firstBytes(picture.file, 3 * PLANE, picture.record * record + variant.limits.length),
  }
}
