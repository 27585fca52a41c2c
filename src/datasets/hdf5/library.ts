/** The HDF5 library inside the child process: what of it is used, and the one file that it may see. */
import fs from 'node:fs'

interface StreamOps {
  read(stream: unknown, buffer: Int8Array, offset: number, length: number, position: number): number
}
interface FileNode {
  usedBytes: number
  stream_ops: StreamOps
}
interface VirtualFs {
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): FileNode
  open(path: string, ...rest: unknown[]): unknown
  ErrnoError: new (errno: number) => Error
}
export interface Metadata {
  shape: number[] | null
  chunks: number[] | null
  type: number
  size: number
  signed: boolean
  vlen: boolean
  cset?: number
  strpad?: number
  virtual_sources?: unknown[]
}
/** The parts of h5wasm's module that are used. Its own types need the DOM's and hide the status of a read. */
export interface Hdf5Library {
  FS: VirtualFs
  HEAPU8: Uint8Array
  H5G_DATASET: number
  H5G_GROUP: number
  open(path: string, mode: number, trackOrder: boolean, low: number, high: number): bigint
  get_names(file: bigint, path: string, recursive: boolean): string[]
  get_symbolic_link(file: bigint, path: string): string | null
  get_external_link(file: bigint, path: string): { filename?: string }
  get_type(file: bigint, path: string): number
  get_dataset_metadata(file: bigint, path: string): Metadata
  get_dataset_filters(file: bigint, path: string): { id: number }[]
  get_attached_scales(file: bigint, path: string, axis: number): string[]
  get_attribute_names(file: bigint, path: string): string[]
  get_attribute_metadata(file: bigint, path: string, name: string): Metadata & { total_size: number }
  get_attribute_data(file: bigint, path: string, name: string, target: bigint): number
  reclaim_vlen_memory_count(file: bigint, path: string, attribute: string, target: bigint, count: bigint[]): number
  get_dataset_data(file: bigint, path: string, count: bigint[], offset: bigint[], strides: bigint[], target: bigint): number
  _malloc(bytes: number): number
  _free(pointer: number): void
}

const descriptor = 3
export const virtualPath = '/data.h5'

export const loadLibrary = async (url: string): Promise<Hdf5Library> => {
  const { ready } = (await import(url)) as { ready: Promise<Hdf5Library> }
  return ready
}

/** Puts the inherited descriptor into the library's file system, and lets it be opened once and nothing else ever. */
export const mountOnly = (library: Hdf5Library): { denied: string[] } => {
  const { FS } = library
  const { size } = fs.fstatSync(descriptor)
  const node = FS.createFile('/', virtualPath.slice(1), {}, true, false)
  node.usedBytes = size
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream, buffer, offset, length, position) => fs.readSync(descriptor, buffer, offset, Math.max(0, Math.min(length, size - position)), position),
  }
  const denied: string[] = []
  let opened = false
  const open = FS.open.bind(FS)
  FS.open = (path, ...rest) => {
    if (path === virtualPath && !opened) {
      opened = true
      return open(path, ...rest)
    }
    denied.push(path)
    throw new FS.ErrnoError(44) // no such file
  }
  return { denied }
}
