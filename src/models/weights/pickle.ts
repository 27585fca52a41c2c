import type { ByteCursor } from './byte-cursor.ts'
import { damaged, quoted, unsafe } from './checkpoint-errors.ts'
import { decodeInteger } from './pickle-integers.ts'
import { isGlobal, isTuple } from './pickle-values.ts'
import type { GlobalRef, PickleValue } from './pickle-values.ts'

/** What the pickle machine asks of its surroundings. Both throw when they do not know what is asked for. */
export interface PickleWorld {
  /** how errors name the file */
  file: string
  global(module: string, name: string): GlobalRef
  persistent(id: PickleValue): PickleValue
}

/** Most steps of one pickle: a state_dict of 10,000 tensors takes about 300,000; 2 million empty dicts take 0.4 GB. */
const MAX_OPCODES = 2_000_000
const PROTOCOLS = [2, 3, 4, 5]

/** Names of the opcodes that a state_dict never needs, so that the refusal says what was met. */
const refusedOpcodes: Record<number, string> = {
  0x69: 'INST', 0x6f: 'OBJ', 0x81: 'NEWOBJ', 0x92: 'NEWOBJ_EX', 0x82: 'EXT1', 0x83: 'EXT2', 0x84: 'EXT4', 0x50: 'PERSID', 0x97: 'NEXT_BUFFER', 0x98: 'READONLY_BUFFER',
  0x8f: 'EMPTY_SET', 0x90: 'ADDITEMS', 0x91: 'FROZENSET', 0x49: 'INT', 0x4c: 'LONG', 0x46: 'FLOAT', 0x53: 'STRING', 0x56: 'UNICODE', 0x67: 'GET', 0x70: 'PUT', 0x96: 'BYTEARRAY8',
}

/**
 * Interprets one pickle up to its STOP. Only the opcodes that build plain data exist here; a global is whatever `world.global`
 * allows, and nothing else is ever called. VentralErrors: unsafe-checkpoint, damaged-file.
 * Opcodes and their stack effects: CPython's Lib/pickletools.py.
 */
export const readPickle = (cursor: ByteCursor, world: PickleWorld): PickleValue => {
  const { file } = world
  let stack: PickleValue[] = []
  const outer: PickleValue[][] = []
  const memo = new Map<number, PickleValue>()

  const broken = (what: string) => damaged(file, `its pickle ${what} at byte ${cursor.position()}`)
  const pop = (): PickleValue => {
    if (stack.length === 0) throw broken('takes from an empty stack')
    return stack.pop()!
  }
  const top = (): PickleValue => {
    if (stack.length === 0) throw broken('looks at an empty stack')
    return stack[stack.length - 1]
  }
  const popMark = (): PickleValue[] => {
    const items = stack
    const below = outer.pop()
    if (!below) throw broken('has no mark')
    stack = below
    return items
  }
  const byte = () => cursor.take(1)[0]
  const u16 = () => cursor.take(2).readUInt16LE()
  const u32 = () => cursor.take(4).readUInt32LE()
  const u64 = () => {
    const value = cursor.take(8).readBigUInt64LE()
    if (value > 0xffffffffn) throw broken('states a length of over 4 GB')
    return Number(value)
  }
  const text = (length: number) => cursor.take(length).toString('utf8')
  const bytes = (length: number) => Uint8Array.from(cursor.take(length))
  const recall = (i: number) => {
    const value = memo.get(i)
    if (value === undefined) throw broken(`recalls memo ${i}, which was not kept`)
    return value
  }
  const tuple = (count: number) => {
    if (stack.length < count) throw broken('takes from an empty stack')
    stack.push({ kind: 'tuple', items: stack.splice(stack.length - count) })
  }
  const append = (items: PickleValue[]) => {
    const list = top()
    if (!Array.isArray(list)) throw broken('appends to what is no list')
    for (const item of items) list.push(item)
  }
  const setItems = (target: PickleValue, items: PickleValue[]) => {
    if (!(target instanceof Map)) throw broken('sets an item of what is no dict')
    if (items.length % 2) throw broken('sets a key without a value')
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1])
  }
  const reduce = () => {
    const args = pop()
    const callee = pop()
    if (!isTuple(args)) throw broken('calls with what is no tuple')
    if (!isGlobal(callee) || !callee.call) throw unsafe(file, `its pickle calls ${isGlobal(callee) ? callee.name : 'a value that is no allowed class'}`)
    stack.push(callee.call(args.items))
  }
  /** An OrderedDict's attributes (_metadata: versions of modules) carry no weights; nothing else may have attributes. */
  const build = () => {
    pop()
    if (!(top() instanceof Map)) throw unsafe(file, 'its pickle sets attributes of a value that is no dict')
  }

  for (let opcodes = 0; ; opcodes++) {
    if (opcodes > MAX_OPCODES) throw unsafe(file, `its pickle has over ${MAX_OPCODES} steps`)
    const opcode = byte()
    switch (opcode) {
      case 0x80: { // PROTO
        const protocol = byte()
        if (!PROTOCOLS.includes(protocol)) throw broken(`is of protocol ${protocol}, not 2 to 5,`)
        break
      }
      case 0x95: cursor.take(8); break // FRAME: a hint for readers, without meaning
      case 0x2e: // STOP
        if (stack.length !== 1 || outer.length) throw broken('stops with an unfinished value')
        return stack[0]
      case 0x28: outer.push(stack); stack = []; break // MARK
      case 0x30: pop(); break // POP
      case 0x31: popMark(); break // POP_MARK
      case 0x32: stack.push(top()); break // DUP

      case 0x4e: stack.push(null); break // NONE
      case 0x88: stack.push(true); break // NEWTRUE
      case 0x89: stack.push(false); break // NEWFALSE
      case 0x4a: stack.push(cursor.take(4).readInt32LE()); break // BININT
      case 0x4b: stack.push(byte()); break // BININT1
      case 0x4d: stack.push(u16()); break // BININT2
      case 0x8a: stack.push(decodeInteger(cursor.take(byte()))); break // LONG1
      case 0x8b: { // LONG4
        const length = u32()
        if (length > 1024) throw broken('holds an integer of over 1,024 bytes')
        stack.push(decodeInteger(cursor.take(length)))
        break
      }
      case 0x47: stack.push(cursor.take(8).readDoubleBE()); break // BINFLOAT

      case 0x8c: case 0x55: stack.push(text(byte())); break // SHORT_BINUNICODE, SHORT_BINSTRING
      case 0x58: case 0x54: stack.push(text(u32())); break // BINUNICODE, BINSTRING
      case 0x8d: stack.push(text(u64())); break // BINUNICODE8
      case 0x43: stack.push(bytes(byte())); break // SHORT_BINBYTES
      case 0x42: stack.push(bytes(u32())); break // BINBYTES
      case 0x8e: stack.push(bytes(u64())); break // BINBYTES8

      case 0x29: stack.push({ kind: 'tuple', items: [] }); break // EMPTY_TUPLE
      case 0x85: tuple(1); break // TUPLE1
      case 0x86: tuple(2); break // TUPLE2
      case 0x87: tuple(3); break // TUPLE3
      case 0x74: { // TUPLE
        const items = popMark()
        stack.push({ kind: 'tuple', items })
        break
      }
      case 0x5d: stack.push([]); break // EMPTY_LIST
      case 0x6c: { // LIST
        const items = popMark()
        stack.push(items)
        break
      }
      case 0x61: append([pop()]); break // APPEND
      case 0x65: append(popMark()); break // APPENDS
      case 0x7d: stack.push(new Map()); break // EMPTY_DICT
      case 0x64: { // DICT
        const items = popMark()
        const dict = new Map<PickleValue, PickleValue>()
        setItems(dict, items)
        stack.push(dict)
        break
      }
      case 0x73: { // SETITEM
        const value = pop()
        const key = pop()
        setItems(top(), [key, value])
        break
      }
      case 0x75: { // SETITEMS
        const items = popMark()
        setItems(top(), items)
        break
      }

      case 0x71: memo.set(byte(), top()); break // BINPUT
      case 0x72: memo.set(u32(), top()); break // LONG_BINPUT
      case 0x94: memo.set(memo.size, top()); break // MEMOIZE
      case 0x68: stack.push(recall(byte())); break // BINGET
      case 0x6a: stack.push(recall(u32())); break // LONG_BINGET

      case 0x63: stack.push(world.global(cursor.line(), cursor.line())); break // GLOBAL
      case 0x93: { // STACK_GLOBAL
        const name = pop()
        const module = pop()
        if (typeof name !== 'string' || typeof module !== 'string') throw broken('names a class by what is no text')
        stack.push(world.global(module, name))
        break
      }
      case 0x51: stack.push(world.persistent(pop())); break // BINPERSID
      case 0x52: reduce(); break // REDUCE
      case 0x62: build(); break // BUILD
      default: {
        const name = refusedOpcodes[opcode]
        throw name ? unsafe(file, `its pickle uses the opcode ${name}`) : broken(`holds the byte ${quoted(`0x${opcode.toString(16)}`)}, which is no opcode,`)
      }
    }
  }
}
