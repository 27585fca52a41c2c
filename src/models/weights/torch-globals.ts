import { quoted, unsafe, unsupportedDtype } from './checkpoint-errors.ts'
import type { Dtype } from './dtypes.ts'
import type { PickleWorld } from './pickle.ts'
import { isGlobal, isStorage, isTensor, isTuple } from './pickle-values.ts'
import type { GlobalRef, PickleValue, StorageRef, TensorRef } from './pickle-values.ts'

const storageTypes: Record<string, Dtype> = {
  DoubleStorage: 'float64', FloatStorage: 'float32', HalfStorage: 'float16', BFloat16Storage: 'bfloat16',
  LongStorage: 'int64', IntStorage: 'int32', ShortStorage: 'int16', CharStorage: 'int8', ByteStorage: 'uint8', BoolStorage: 'bool',
}

const MAX_RANK = 16
/** A stride-0 tensor may be this large before it counts as an attempt to fill the memory. */
const MAX_EXPANDED = 65_536
/** Entries of OrderedDicts made from lists (Python 2 wrote them so). One list may be recalled many times: without a bound that multiplies. */
const MAX_PAIRS = 200_000

const isCount = (value: PickleValue | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/**
 * The surroundings in which a state_dict's pickle is read: the globals that PyTorch itself writes for one, and its storages.
 * Everything else is refused by name (unsafe-checkpoint).
 */
export const torchWorld = (file: string): PickleWorld => {
  const counts = (value: PickleValue | undefined, what: string): number[] => {
    const items = value !== undefined && isTuple(value) ? value.items : value
    if (!Array.isArray(items) || items.length > MAX_RANK || !items.every(isCount)) {
      throw unsafe(file, `a tensor's ${what} is not a tuple of at most ${MAX_RANK} non-negative integers`)
    }
    return items
  }

  /** _rebuild_tensor(storage, offset, size, stride) and _rebuild_tensor_v2(…, requires_grad, hooks[, metadata]) */
  const rebuildTensor = (args: readonly PickleValue[]): TensorRef => {
    const [storage, offset] = args
    if (args.length < 4 || args.length > 7 || !isStorage(storage)) throw unsafe(file, 'a tensor is rebuilt from what is no storage')
    if (!isCount(offset)) throw unsafe(file, `a tensor's storage offset is ${typeof offset === 'number' || typeof offset === 'bigint' ? offset : 'no number'}`)
    const shape = counts(args[2], 'size')
    const stride = counts(args[3], 'stride')
    if (shape.length !== stride.length) throw unsafe(file, `a tensor has ${shape.length} sizes and ${stride.length} strides`)
    const elements = shape.reduce((product, side) => product * side, 1)
    const last = offset + shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis], 0)
    const described = `a tensor of size (${shape.join(', ')}), stride (${stride.join(', ')}) and offset ${offset}`
    if (elements > 0 && !(last < storage.count)) throw unsafe(file, `${described} reaches outside its storage of ${storage.count} elements`)
    if (elements > Math.max(storage.count, MAX_EXPANDED)) throw unsafe(file, `${described} repeats a storage of ${storage.count} elements to ${elements}`)
    return { kind: 'tensor', storage, offset, shape, stride, parameter: false }
  }

  const rebuildParameter = ([tensor]: readonly PickleValue[]): TensorRef => {
    if (tensor === undefined || !isTensor(tensor)) throw unsafe(file, 'a parameter is rebuilt from what is no tensor')
    return { ...tensor, parameter: true }
  }

  let pairsLeft = MAX_PAIRS
  const orderedDict = (args: readonly PickleValue[]): Map<PickleValue, PickleValue> => {
    const pairs = args.length === 0 ? [] : args[0]
    if (args.length > 1 || !Array.isArray(pairs)) throw unsafe(file, 'an OrderedDict is made from what is no list of pairs')
    pairsLeft -= pairs.length
    if (pairsLeft < 0) throw unsafe(file, `its OrderedDicts hold over ${MAX_PAIRS} entries`)
    return new Map(pairs.map((pair): [PickleValue, PickleValue] => {
      const items = isTuple(pair) ? pair.items : pair
      if (!Array.isArray(items) || items.length !== 2) throw unsafe(file, 'an OrderedDict is made from what is no list of pairs')
      return [items[0] as PickleValue, items[1] as PickleValue]
    }))
  }

  const allowed = new Map<string, GlobalRef['call']>([
    ['collections.OrderedDict', orderedDict],
    ['torch._utils._rebuild_tensor', rebuildTensor],
    ['torch._utils._rebuild_tensor_v2', rebuildTensor],
    ['torch._utils._rebuild_parameter', rebuildParameter],
  ])

  return {
    file,
    global: (module, name) => {
      const full = `${module}.${name}`
      const call = allowed.get(full)
      if (call) return { kind: 'global', name: full, call, storageType: null }
      if (module === 'torch' && Object.hasOwn(storageTypes, name)) return { kind: 'global', name: full, call: null, storageType: storageTypes[name] }
      if (module === 'torch' && /^[A-Z]\w{0,40}Storage$/.test(name)) throw unsupportedDtype(file, 'a tensor', full)
      throw unsafe(file, `it names ${quoted(full)}, which is not among the classes that a state_dict needs`)
    },
    /** ('storage', type, key, location, elements[, view]): the location (cpu, cuda:0) does not matter here */
    persistent: (id): StorageRef => {
      const [tag, type, key, , total, view = null] = isTuple(id) ? id.items : []
      if (tag !== 'storage' || type === undefined || !isGlobal(type) || !type.storageType || typeof key !== 'string' || !isCount(total)) {
        throw unsafe(file, 'it refers to something outside that is no storage')
      }
      const whole: StorageRef = { kind: 'storage', key, dtype: type.storageType, total, offset: 0, count: total }
      if (view === null) return whole
      // PyTorch before 0.4: (key of the view, offset, elements)
      const [, offset, count] = isTuple(view) ? view.items : []
      if (!isCount(offset) || !isCount(count) || offset + count > total) throw unsafe(file, `a view reaches outside its storage of ${total} elements`)
      return { ...whole, offset, count }
    },
  }
}
