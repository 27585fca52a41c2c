import yazl from 'yazl'

// Writes the opcodes that torch.save writes, so that hostile and odd checkpoints can be made without Python.

const bytes = (...parts: (number | string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))

const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value)
  return out
}

export const op = {
  int: (value: number): Buffer => {
    const out = Buffer.alloc(4)
    out.writeInt32LE(value)
    return bytes('J', out)
  },
  text: (value: string): Buffer => bytes('X', u32(Buffer.byteLength(value)), Buffer.from(value)),
  none: bytes('N'),
  true: bytes(0x88),
  tuple: (...items: Buffer[]): Buffer => bytes('(', ...items, 't'),
  list: (...items: Buffer[]): Buffer => bytes(']', '(', ...items, 'e'),
  dict: (...pairs: [Buffer, Buffer][]): Buffer => bytes('}', '(', ...pairs.flat(), 'u'),
  global: (module: string, name: string): Buffer => bytes('c', module, '\n', name, '\n'),
  call: (callee: Buffer, ...args: Buffer[]): Buffer => bytes(callee, op.tuple(...args), 'R'),
  put: (value: Buffer, slot: number): Buffer => bytes(value, 'q', slot),
  get: (slot: number): Buffer => bytes('h', slot),
  raw: bytes,
}

export const pickle = (value: Buffer): Buffer => bytes(0x80, 2, value, '.')

/** A reference to a storage, as torch.save makes it. */
export const storage = (key: string, elements: number, { type = 'FloatStorage', view = null as Buffer | null, legacy = false } = {}): Buffer =>
  bytes(op.tuple(op.text('storage'), op.global('torch', type), op.text(key), op.text('cpu'), op.int(elements), ...(legacy || view ? [view ?? op.none] : [])), 'Q')

const ints = (values: readonly number[]): Buffer => op.tuple(...values.map(op.int))

export const tensor = (store: Buffer, { offset = 0, shape, stride }: { offset?: number; shape: readonly number[]; stride: readonly number[] }): Buffer =>
  op.call(op.global('torch._utils', '_rebuild_tensor_v2'), store, op.int(offset), ints(shape), ints(stride), bytes(0x89), op.call(op.global('collections', 'OrderedDict')))

export const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer)

/** A zip as PyTorch's: stored records under archive/. */
export const zipCheckpoint = async (root: Buffer, records: Record<string, Buffer> = {}, { compress = false, extra = {} }: { compress?: boolean; extra?: Record<string, Buffer> } = {}): Promise<Buffer> => {
  const zip = new yazl.ZipFile()
  zip.addBuffer(pickle(root), 'archive/data.pkl', { compress })
  for (const [key, data] of Object.entries(records)) zip.addBuffer(data, `archive/data/${key}`, { compress })
  for (const [name, data] of Object.entries(extra)) zip.addBuffer(data, name, { compress: false })
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** The older container: magic number, protocol, facts, the value, the keys, the storages. */
export const legacyCheckpoint = (root: Buffer, records: [key: string, elements: number, data: Buffer][], { littleEndian = true } = {}): Buffer => {
  const facts = op.dict([op.text('protocol_version'), op.int(1001)], [op.text('little_endian'), littleEndian ? op.true : bytes(0x89)])
  const stored = records.flatMap(([, elements, data]) => {
    const count = Buffer.alloc(8)
    count.writeBigInt64LE(BigInt(elements))
    return [count, data]
  })
  return bytes(
    pickle(bytes(0x8a, 10, Buffer.from('6cfc9c46f9206aa85019', 'hex'))), pickle(op.int(1001)), pickle(facts), pickle(root),
    pickle(op.list(...records.map(([key]) => op.text(key)))), ...stored,
  )
}

export const safetensors = (header: Record<string, unknown> | string, data: Buffer): Buffer => {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, data])
}
