/**
 * Reads one untrusted HDF5 file for the service, in a process without environment, without access to any file but the inherited
 * descriptor 3, and with limits on memory and time set by the parent. Started as: node --permission child.ts URL-of-h5wasm.
 *
 * The library sees a virtual file system that holds this one file. Every other path it tries to open comes from the file's content
 * (external storage, links, virtual datasets, plugins): it is denied, and the request is answered with a refusal.
 */
import { encodeFrame, encodeJson, frameKinds, frameReader } from './frames.ts'
import { loadLibrary, mountOnly, virtualPath } from './library.ts'
import type { Hdf5Library, Metadata } from './library.ts'
import type { Hdf5Request, Hdf5Listing, ListedObject } from './protocol.ts'
import { maxNames, maxStringBytes } from './protocol.ts'

/** Answered to the parent as it is: `refused` when the file points outside itself, `damaged` when it cannot be read. */
class ReadError extends Error {
  readonly reason: 'refused' | 'damaged'
  constructor(reason: 'refused' | 'damaged', message: string) {
    super(message)
    this.reason = reason
  }
}

const refuseDenied = (denied: readonly string[], name: string): void => {
  if (denied.length > 0) throw new ReadError('refused', `${name} keeps its data in another file (${denied[0].slice(0, 100)})`)
}

const typeNames: Record<number, ListedObject['type']> = { 0: 'integer', 1: 'float', 3: 'string' }

const describe = (library: Hdf5Library, file: bigint, name: string): ListedObject | null => {
  const path = `/${name}`
  const soft = library.get_symbolic_link(file, path)
  if (soft !== null) throw new ReadError('refused', `${name} is a soft link to ${soft.slice(0, 100)}`)
  const external = library.get_external_link(file, path).filename
  if (external !== undefined) throw new ReadError('refused', `${name} is a link to another file (${external.slice(0, 100)})`)
  if (library.get_type(file, path) !== library.H5G_DATASET) return null
  const metadata = library.get_dataset_metadata(file, path)
  if (metadata.virtual_sources !== undefined) throw new ReadError('refused', `${name} is a virtual dataset, made of parts of other files`)
  const filters = library.get_dataset_filters(file, path).map(({ id }) => id)
  return {
    name,
    shape: metadata.shape ?? [],
    chunks: metadata.chunks,
    type: typeNames[metadata.type] ?? 'other',
    size: metadata.size,
    signed: metadata.signed,
    variableLength: metadata.vlen,
    utf8: metadata.cset === 1,
    filters,
  }
}

const list = (library: Hdf5Library, file: bigint, denied: readonly string[]): Hdf5Listing => {
  const names = library.get_names(file, '/', false)
  if (names.length > maxNames) throw new ReadError('refused', `it holds ${names.length} objects, and at most ${maxNames} are read`)
  const objects = names.flatMap((name) => {
    const object = describe(library, file, name)
    refuseDenied(denied, name)
    return object === null ? [] : [object]
  })
  return { objects }
}

/** Reads rows [from, to) into the library's memory and hands the place to `use`; the memory is freed afterwards. */
const withRows = <T>(
  library: Hdf5Library,
  file: bigint,
  request: { name: string; from: number; to: number },
  denied: readonly string[],
  use: (pointer: number, metadata: Metadata, items: number) => T,
): T => {
  const path = `/${request.name}`
  const metadata = library.get_dataset_metadata(file, path)
  const shape = metadata.shape ?? []
  const count = shape.map((side, axis) => (axis === 0 ? request.to - request.from : side))
  const items = count.reduce((product, side) => product * side, 1)
  const pointer = library._malloc(Math.max(1, items * metadata.size))
  if (pointer === 0) throw new ReadError('damaged', `${request.name}: not enough memory for ${items} values`)
  try {
    library.HEAPU8.fill(0, pointer, pointer + items * metadata.size)
    const offset = shape.map((_, axis) => BigInt(axis === 0 ? request.from : 0))
    const status = library.get_dataset_data(
      file,
      path,
      count.map(BigInt),
      offset,
      shape.map(() => 1n),
      BigInt(pointer),
    )
    refuseDenied(denied, request.name)
    if (status < 0) throw new ReadError('damaged', `${request.name}: rows ${request.from} to ${request.to} cannot be read`)
    return use(pointer, metadata, items)
  } finally {
    library._free(pointer)
  }
}

/** A string at a place in the library's memory: up to NUL or the field's end, space padding removed, in the stated character set. */
const stringAt = (library: Hdf5Library, pointer: number, size: number, metadata: Metadata): string => {
  const field = library.HEAPU8.subarray(pointer, pointer + size)
  const end = field.indexOf(0)
  const text = Buffer.from(end < 0 ? field : field.subarray(0, end)).toString(metadata.cset === 1 ? 'utf8' : 'latin1')
  return metadata.strpad === 2 ? text.trimEnd() : text
}

/** Variable-length strings are pointers into the library's memory; the process is short-lived, so they are not reclaimed. */
const stringsAt = (library: Hdf5Library, pointer: number, metadata: Metadata, items: number): string[] =>
  Array.from({ length: items }, (_, i) => {
    const at = pointer + i * metadata.size
    if (!metadata.vlen) return stringAt(library, at, metadata.size, metadata)
    const target = new DataView(library.HEAPU8.buffer).getUint32(at, true)
    return target === 0 ? '' : stringAt(library, target, maxStringBytes, metadata)
  })

const answer = (library: Hdf5Library, file: bigint, request: Hdf5Request, denied: readonly string[]): Buffer[] => {
  if (request.op === 'list') return encodeJson(list(library, file, denied))
  if (request.op === 'strings')
    return withRows(library, file, request, denied, (pointer, metadata, items) => encodeJson(stringsAt(library, pointer, metadata, items)))
  return withRows(library, file, request, denied, (pointer, metadata, items) =>
    encodeFrame(frameKinds.bytes, library.HEAPU8.slice(pointer, pointer + items * metadata.size)),
  )
}

const errorFrame = (error: unknown): Buffer[] =>
  encodeJson(
    error instanceof ReadError
      ? { reason: error.reason, message: error.message }
      : { reason: 'damaged', message: error instanceof Error ? error.message : 'unknown' },
    frameKinds.error,
  )

const send = (parts: Buffer[]): Promise<void> =>
  new Promise((resolve, reject) => {
    parts.forEach((part, i) => {
      process.stdout.write(part, (error) => (error ? reject(error) : i === parts.length - 1 ? resolve() : undefined))
    })
  })

const main = async (): Promise<void> => {
  const library = await loadLibrary(process.argv[2])
  const { denied } = mountOnly(library)
  const file = library.open(virtualPath, 0, false, -1, -1)
  const next = frameReader(process.stdin as AsyncIterable<Buffer>)
  for (;;) {
    const frame = await next(1 << 20)
    if (frame === null) return
    try {
      if (file < 0n) throw new ReadError('damaged', 'it is not an intact HDF5 file (cut off, or damaged)')
      await send(answer(library, file, JSON.parse(frame.payload.toString()) as Hdf5Request, denied))
    } catch (error) {
      await send(errorFrame(error))
    }
  }
}

await main()
