import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { VentralError } from '../../domain/errors.ts'
import { firstBytes } from '../source-file.ts'
import type { SourceFile } from '../source-file.ts'
import { encodeJson, FrameError, frameKinds, frameReader } from './frames.ts'
import type { Frame } from './frames.ts'
import { isListing, isStrings, maxStringBytes } from './protocol.ts'
import type { Hdf5Attributes, Hdf5Block, Hdf5Listing, Hdf5Request, ListedObject } from './protocol.ts'
import { spawnSandboxed } from '../../numerics/sandbox.ts'

export type Hdf5Numbers =
  Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array

/** An open HDF5 file; its content is read by a sandboxed child process. One request at a time. */
export interface Hdf5File {
  file: SourceFile
  /** the datasets in the root, checked: no links, known filters, chunks of bearable size */
  objects: ReadonlyMap<string, ListedObject>
  /** the groups in the root */
  groups: readonly string[]
  /** of the root */
  attributes: Hdf5Attributes
  /** The content of a group (a/b), its datasets checked as those of the root; they can be read from then on. Links in it are left out. */
  list(group: string): Promise<Hdf5Listing>
  /** Rows [from, to) of a numeric dataset, in C order. */
  numbers(name: string, from: number, to: number): Promise<Hdf5Numbers>
  /** Rows [from, to) of a one-dimensional dataset of strings. */
  strings(name: string, from: number, to: number): Promise<string[]>
  /** A block of a numeric dataset, in C order of its own axes. */
  block(name: string, block: Hdf5Block): Promise<Hdf5Numbers>
  close(): Promise<void>
}

export interface Hdf5Options {
  signal?: AbortSignal
  /** longest time for one answer; without it 10 s, and 1 s more for each megabyte of numbers */
  timeoutMs?: number
}

/** A chunk is unpacked whole in memory, whatever the slab: larger ones are refused. */
export const maxChunkBytes = 64e6
/** The most that one request may bring. */
export const maxSlabBytes = 64e6
const maxJsonBytes = 16e6
const maxNamesBytes = 64e6
const maxErrorBytes = 4096

/** deflate, shuffle, fletcher32, szip, nbit, scaleoffset: what the library reads without plugins. */
const knownFilters = [1, 2, 3, 4, 5, 6]

const own = path.extname(fileURLToPath(import.meta.url)) // .ts from a checkout, .js when built
const moduleFile = (name: string): string => fileURLToPath(new URL(`./${name}${own}`, import.meta.url))

const spawnReader = (descriptor: number): ChildProcess => {
  const library = import.meta.resolve('h5wasm')
  const readable = [...['child', 'describe', 'frames', 'library', 'protocol', 'strings'].map(moduleFile), path.join(path.dirname(fileURLToPath(library)), '*')]
  return spawnSandboxed({ script: moduleFile('child'), args: [library], readable, descriptor })
}

const signatureAt = async (file: SourceFile): Promise<boolean> => {
  // A user block of 512 bytes or more may come first; MATLAB writes one.
  for (const position of [0, 512, 1024, 2048]) {
    if ((await firstBytes(file.path, 8, position)).equals(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'))) return true
  }
  return false
}

const damaged = (file: SourceFile, what: string): VentralError =>
  new VentralError('damaged-file', `${file.name}: ${what}. Check the file, or write it anew.`, [
    { pointer: file.name, expected: 'an intact HDF5 file', found: what },
  ])

const refused = (file: SourceFile, what: string): VentralError =>
  new VentralError('unsafe-path', `${file.name} was refused: ${what}. Only data inside the file itself is read; write it out into one file without links.`, [
    { pointer: file.name, expected: 'data inside the file', found: what },
  ])

const parseJson = (file: SourceFile, { payload }: Frame): unknown => {
  try {
    return JSON.parse(payload.toString())
  } catch {
    throw damaged(file, 'its reader answered nonsense')
  }
}

const checkObject = (file: SourceFile, object: ListedObject): void => {
  const unknown = object.filters.find((id) => !knownFilters.includes(id))
  if (unknown !== undefined) {
    throw new VentralError(
      'unsupported-format',
      `${file.name}: ${object.name} is compressed by filter ${unknown}, which is not read. Write it with gzip or without compression.`,
      [{ pointer: `${file.name}: ${object.name}`, expected: 'gzip or no compression', found: `filter ${unknown}` }],
    )
  }
  const chunkBytes = (object.chunks ?? []).reduce((product, side) => product * side, object.size)
  if (object.chunks !== null && chunkBytes > maxChunkBytes) {
    throw new VentralError(
      'unsupported-format',
      `${file.name}: ${object.name} has chunks of ${chunkBytes} bytes; at most ${maxChunkBytes} are read. Write it with smaller chunks.`,
      [{ pointer: `${file.name}: ${object.name}`, expected: `chunks of at most ${maxChunkBytes} bytes`, found: `${chunkBytes} bytes` }],
    )
  }
}

const arrayTypes: Record<string, (buffer: ArrayBuffer) => Hdf5Numbers> = {
  float4: (b) => new Float32Array(b),
  float8: (b) => new Float64Array(b),
  'integer1 signed': (b) => new Int8Array(b),
  integer1: (b) => new Uint8Array(b),
  'integer2 signed': (b) => new Int16Array(b),
  integer2: (b) => new Uint16Array(b),
  'integer4 signed': (b) => new Int32Array(b),
  integer4: (b) => new Uint32Array(b),
  'integer8 signed': (b) => new BigInt64Array(b),
  integer8: (b) => new BigUint64Array(b),
}

const numbersFrom = (file: SourceFile, object: ListedObject, payload: Buffer): Hdf5Numbers => {
  const make = arrayTypes[`${object.type}${object.size}${object.type === 'integer' && object.signed ? ' signed' : ''}`]
  if (make === undefined) {
    throw new VentralError(
      'unsupported-dtype',
      `${file.name}: ${object.name} holds ${object.type} values of ${object.size} bytes; expected float32, float64 or integers.`,
      [{ pointer: `${file.name}: ${object.name}`, expected: 'float32, float64 or integers of 1 to 8 bytes', found: `${object.type} of ${object.size} bytes` }],
    )
  }
  const bytes = new Uint8Array(payload.length)
  bytes.set(payload)
  return make(bytes.buffer)
}

export const rowBytes = (object: ListedObject): number => object.shape.slice(1).reduce((product, side) => product * side, object.size)

/** One request and its answer, within the time limit. Whatever goes wrong, the child is killed and the error is the user's. */
type Ask = (request: Hdf5Request, maxBytes: number) => Promise<Frame>

/** Damaged structures can send the library around in circles: what brings little must come soon. */
const usualLimitMs = (request: Hdf5Request, bytes: number): number => 10_000 + (request.op === 'numbers' ? bytes / 1000 : 0)

const askVia = (child: ChildProcess, file: SourceFile, stated: number | undefined, signal: AbortSignal | undefined): Ask => {
  const next = frameReader(child.stdout as AsyncIterable<Buffer>)
  return async (request, maxBytes) => {
    signal?.throwIfAborted()
    let late = false
    const timeoutMs = stated ?? usualLimitMs(request, maxBytes)
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutMs)
    try {
      for (const part of encodeJson(request)) child.stdin!.write(part)
      const frame = await next(Math.max(maxBytes, maxErrorBytes))
      signal?.throwIfAborted()
      if (frame === null)
        throw damaged(file, late ? `reading it took over ${timeoutMs / 1000} s` : 'the reader gave up on it (too much memory, or a damaged structure)')
      if (frame.kind !== frameKinds.error) return frame
      const { reason, message } = JSON.parse(frame.payload.toString()) as { reason?: unknown; message?: unknown }
      const text = String(message).slice(0, 300)
      throw reason === 'refused' ? refused(file, text) : damaged(file, text)
    } catch (error) {
      child.kill('SIGKILL')
      if (error instanceof FrameError || error instanceof SyntaxError)
        throw damaged(file, late ? `reading it took over ${timeoutMs / 1000} s` : `its reader answered nonsense (${error.message})`)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}

const startChild = async (file: SourceFile, signal: AbortSignal | undefined): Promise<{ child: ChildProcess; ended: Promise<void> }> => {
  const handle = await fs.promises.open(file.path, 'r')
  try {
    const child = spawnReader(handle.fd)
    const kill = (): void => void child.kill('SIGKILL')
    signal?.addEventListener('abort', kill)
    const ended = new Promise<void>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', () => resolve())
    }).finally(() => signal?.removeEventListener('abort', kill))
    ended.catch(() => undefined)
    return { child, ended }
  } finally {
    await handle.close()
  }
}

const checkBlock = (object: ListedObject | undefined, name: string, { offset, count }: Hdf5Block): ListedObject => {
  const fits = object !== undefined && count.length === object.shape.length && count.every((side, i) => side >= 1 && offset[i] >= 0 && offset[i] + side <= object.shape[i])
  if (!fits) throw new RangeError(`the block of ${count.join(' x ')} from ${offset.join(', ')} of ${name}`)
  return object
}

const rowsOf = ({ shape }: ListedObject, from: number, to: number): Hdf5Block => ({
  offset: shape.map((_, axis) => (axis === 0 ? from : 0)),
  count: shape.map((side, axis) => (axis === 0 ? to - from : side)),
})

/** An open child as a file. */
const fileOf = async (file: SourceFile, ask: Ask, close: () => Promise<void>): Promise<Hdf5File> => {
  const known = new Map<string, ListedObject>()
  const list = async (group: string): Promise<Hdf5Listing> => {
    const listing = parseJson(file, await ask({ op: 'list', group }, maxJsonBytes))
    if (!isListing(listing)) throw damaged(file, 'its reader answered nonsense')
    for (const object of listing.objects) {
      checkObject(file, object)
      known.set(object.name, object)
    }
    return listing
  }
  const block = async (name: string, wanted: Hdf5Block): Promise<Hdf5Numbers> => {
    const object = checkBlock(known.get(name), name, wanted)
    const bytes = wanted.count.reduce((product, side) => product * side, object.size)
    if (bytes > maxSlabBytes) throw new RangeError(`a slab of ${bytes} bytes of ${name}`)
    const { kind, payload } = await ask({ op: 'numbers', name, ...wanted }, bytes)
    if (kind !== frameKinds.bytes || payload.length !== bytes) throw damaged(file, `${name} came short`)
    return numbersFrom(file, object, payload)
  }
  const root = await list('')
  return {
    file,
    objects: new Map(root.objects.map((object) => [object.name, object])),
    groups: root.groups,
    attributes: root.attributes,
    close,
    list,
    block,
    numbers: async (name, from, to) => {
      const object = known.get(name)
      return block(name, object === undefined ? { offset: [], count: [] } : rowsOf(object, from, to))
    },
    strings: async (name, from, to) => {
      const object = checkBlock(known.get(name), name, { offset: [from], count: [to - from] })
      if (object.type !== 'string') throw new RangeError(`${name} is no list of strings`)
      if ((to - from) * object.size > maxSlabBytes) throw damaged(file, `${name} has strings of ${object.size} bytes`)
      const strings = parseJson(file, await ask({ op: 'strings', name, offset: [from], count: [to - from] }, Math.min(maxNamesBytes, (to - from) * 6 * maxStringBytes + 2)))
      if (!isStrings(strings, to - from)) throw damaged(file, `${name} came short`)
      return strings
    },
  }
}

/**
 * Opens an HDF5 file in a child process of its own (no environment, no files, limited memory and time) and lists its root.
 * Errors: unsupported-format (no HDF5, filters, chunks), damaged-file, unsafe-path (links, external or virtual storage).
 */
export const openHdf5 = async (file: SourceFile, { signal, timeoutMs }: Hdf5Options = {}): Promise<Hdf5File> => {
  if (!(await signatureAt(file)))
    throw new VentralError('unsupported-format', `${file.name} is not an HDF5 file.`, [{ pointer: file.name, expected: 'HDF5', found: 'something else' }])
  const { child, ended } = await startChild(file, signal)
  const close = async (): Promise<void> => {
    child.stdin!.end()
    child.kill('SIGKILL')
    await ended
  }
  try {
    return await fileOf(file, askVia(child, file, timeoutMs, signal), close)
  } catch (error) {
    await close()
    throw error
  }
}
