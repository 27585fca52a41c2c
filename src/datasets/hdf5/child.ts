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
import { attributesOf, dimensionsOf } from './describe.ts'
import { stringsAt } from './strings.ts'
import type { Hdf5Block, Hdf5Request, Hdf5Listing, ListedObject } from './protocol.ts'
import { maxNames } from './protocol.ts'

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

/** Where the name is a link, of either kind: what it points to. */
const linkTarget = (library: Hdf5Library, file: bigint, path: string): { what: string; target: string } | null => {
  const soft = library.get_symbolic_link(file, path)
  if (soft !== null) return { what: 'a soft link', target: soft }
  const external = library.get_external_link(file, path).filename
  return external === undefined ? null : { what: 'a link to another file', target: external }
}

const describe = (library: Hdf5Library, file: bigint, name: string): ListedObject => {
  const path = `/${name}`
  const metadata = library.get_dataset_metadata(file, path)
  if (metadata.virtual_sources !== undefined) throw new ReadError('refused', `${name} is a virtual dataset, made of parts of other files`)
  const shape = metadata.shape ?? []
  return {
    name,
    shape,
    dimensions: dimensionsOf(library, file, path, shape.length),
    attributes: attributesOf(library, file, path),
    chunks: metadata.chunks,
    type: typeNames[metadata.type] ?? 'other',
    size: metadata.size,
    signed: metadata.signed,
    variableLength: metadata.vlen,
    utf8: metadata.cset === 1,
    filters: library.get_dataset_filters(file, path).map(({ id }) => id),
  }
}

/** Every group on the way must be one itself: a path through a link would lead elsewhere. */
const checkPath = (library: Hdf5Library, file: bigint, group: string): void => {
  const parts = group === '' ? [] : group.split('/')
  parts.forEach((_, i) => {
    const path = `/${parts.slice(0, i + 1).join('/')}`
    const link = linkTarget(library, file, path)
    if (link !== null) throw new ReadError('refused', `${path.slice(1)} is ${link.what} to ${link.target.slice(0, 100)}`)
    if (library.get_type(file, path) !== library.H5G_GROUP) throw new ReadError('damaged', `${path.slice(1)} is no group`)
  })
}

/** Links in the root are refused, so that their author learns of it; those deeper in the file are left out, since some formats are full of them. */
const list = (library: Hdf5Library, file: bigint, group: string, denied: readonly string[]): Hdf5Listing => {
  checkPath(library, file, group)
  const names = library.get_names(file, `/${group}`, false).map((name) => (group === '' ? name : `${group}/${name}`))
  if (names.length > maxNames) throw new ReadError('refused', `it holds ${names.length} objects, and at most ${maxNames} are read`)
  const listing: Hdf5Listing = { objects: [], groups: [], attributes: attributesOf(library, file, `/${group}`) }
  for (const name of names) {
    const link = linkTarget(library, file, `/${name}`)
    if (link !== null && group === '') throw new ReadError('refused', `${name} is ${link.what} to ${link.target.slice(0, 100)}`)
    if (link !== null) continue
    const type = library.get_type(file, `/${name}`)
    if (type === library.H5G_GROUP) listing.groups.push(name)
    if (type === library.H5G_DATASET) listing.objects.push(describe(library, file, name))
    refuseDenied(denied, name)
  }
  return listing
}

/** Reads a block into the library's memory and hands the place to `use`; the memory is freed afterwards. */
const withBlock = <T>(
  library: Hdf5Library,
  file: bigint,
  request: { name: string } & Hdf5Block,
  denied: readonly string[],
  use: (pointer: number, metadata: Metadata, items: number) => T,
): T => {
  const path = `/${request.name}`
  const metadata = library.get_dataset_metadata(file, path)
  const items = request.count.reduce((product, side) => product * side, 1)
  const pointer = library._malloc(Math.max(1, items * metadata.size))
  if (pointer === 0) throw new ReadError('damaged', `${request.name}: not enough memory for ${items} values`)
  const count = request.count.map(BigInt)
  try {
    library.HEAPU8.fill(0, pointer, pointer + items * metadata.size)
    const status = library.get_dataset_data(
      file,
      path,
      count,
      request.offset.map(BigInt),
      count.map(() => 1n),
      BigInt(pointer),
    )
    refuseDenied(denied, request.name)
    if (status < 0) throw new ReadError('damaged', `${request.name}: the block of ${request.count.join(' x ')} values from ${request.offset.join(', ')} cannot be read`)
    const result = use(pointer, metadata, items)
    if (metadata.vlen) library.reclaim_vlen_memory_count(file, path, '', BigInt(pointer), count)
    return result
  } finally {
    library._free(pointer)
  }
}

const answer = (library: Hdf5Library, file: bigint, request: Hdf5Request, denied: readonly string[]): Buffer[] => {
  if (request.op === 'list') return encodeJson(list(library, file, request.group, denied))
  if (request.op === 'strings')
    return withBlock(library, file, request, denied, (pointer, metadata, items) => encodeJson(stringsAt(library, pointer, metadata, items)))
  return withBlock(library, file, request, denied, (pointer, metadata, items) =>
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
