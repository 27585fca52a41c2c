import type { ByteSource } from './byte-source.ts'
import type { Checkpoint, TensorInfo } from './checkpoint.ts'
import { quoted, unsupported } from './checkpoint-errors.ts'
import { openLegacyContainer } from './legacy-container.ts'
import { isTensor } from './pickle-values.ts'
import type { PickleValue, TensorRef } from './pickle-values.ts'
import type { FindRecord } from './storage-records.ts'
import { readTensors } from './tensor-data.ts'
import { openZipContainer } from './zip-container.ts'

/** Keys under which training scripts put the state_dict among epoch, optimiser and the like. */
const wrappers = ['state_dict', 'model_state_dict', 'model', 'net']

/** What a `.pth` holds, before any tensor is read: the whole pickled value and where its storages lie. */
export interface PickledCheckpoint {
  root: PickleValue
  findRecord: FindRecord
}

/** Reads a `.pth` of either container. VentralErrors: unsafe-checkpoint, damaged-file, unsupported-format, unsupported-dtype. */
export const readPickledCheckpoint = async (source: ByteSource): Promise<PickledCheckpoint> =>
  source.read(0, Math.min(2, source.size)).toString('latin1') === 'PK' ? openZipContainer(source) : openLegacyContainer(source)

const tensorsIn = (dict: Map<PickleValue, PickleValue>): Map<string, TensorRef> => {
  const tensors = new Map<string, TensorRef>()
  for (const [key, value] of dict) if (typeof key === 'string' && isTensor(value)) tensors.set(key, value)
  return tensors
}

/** The state_dict: the value itself, or what a training script wrapped. */
const findStateDict = (file: string, root: PickleValue): Map<string, TensorRef> => {
  if (!(root instanceof Map)) throw unsupported(file, 'holds no state_dict (a dict of named tensors)', 'Save it with torch.save(model.state_dict(), …).')
  const candidates = [...wrappers.map((key) => root.get(key)), root]
  for (const candidate of candidates) {
    if (!(candidate instanceof Map)) continue
    const tensors = tensorsIn(candidate)
    if (tensors.size > 0) return tensors
  }
  const keys = [...root.keys()].slice(0, 3).map((key) => (typeof key === 'string' ? quoted(key) : 'a key that is no text'))
  throw unsupported(file, `holds no state_dict (a dict of named tensors) but ${keys.length ? keys.join(', ') : 'an empty dict'}`, 'Save it with torch.save(model.state_dict(), …).')
}

/** A `.pth` or `.th` as a checkpoint: names, shapes and dtypes at once, values on demand. */
export const openPth = async (source: ByteSource): Promise<Checkpoint> => {
  const { root, findRecord } = await readPickledCheckpoint(source)
  const refs = findStateDict(source.name, root)
  for (const ref of refs.values()) findRecord(ref.storage)
  const tensors = new Map([...refs].map(([name, { shape, storage }]): [string, TensorInfo] => [name, { shape, dtype: storage.dtype }]))
  return {
    format: 'pth',
    tensors,
    load: (names = tensors.keys()) => readTensors(source, new Map([...names].map((name) => [name, refs.get(name)!])), findRecord),
    close: () => source.close(),
  }
}
