import type { NodeProto } from '../../numerics/onnx/schema.ts'
import { broken, quoted } from './refusals.ts'

/** What nodes may read besides each other's values: the input and the tensors, by name. */
export interface Sources {
  has: (name: string) => boolean
}

/**
 * The nodes in an order in which they can be computed: their own, where it is one. VentralError damaged-file where a value has two
 * makers or none, or waits for itself.
 */
export const orderNodes = (nodes: readonly NodeProto[], sources: Sources, where: string): NodeProto[] => {
  const makers = new Map<string, number>()
  nodes.forEach(({ output = [], opType = '' }, i) => {
    const values = output.filter((name) => name !== '')
    if (values.length === 0) throw broken(where, `node ${i + 1} (${quoted(opType)}) computes nothing`)
    for (const name of values) {
      if (makers.has(name) || sources.has(name)) throw broken(where, `two values are called ${quoted(name)}`)
      makers.set(name, i)
    }
  })
  const readers = nodes.map((): number[] => [])
  const waiting = nodes.map(({ input = [], opType = '' }, i) => {
    const own = input.filter((name) => name !== '' && !sources.has(name))
    for (const name of own) {
      if (!makers.has(name)) throw broken(where, `node ${i + 1} (${quoted(opType)}) reads ${quoted(name)}, which nothing computes`)
      readers[makers.get(name)!].push(i)
    }
    return own.length
  })
  const ready = [...nodes.keys()].filter((i) => waiting[i] === 0)
  const order: number[] = []
  for (let next = 0; next < ready.length; next++) {
    order.push(ready[next])
    for (const reader of readers[ready[next]]) if (--waiting[reader] === 0) ready.push(reader)
  }
  if (order.length < nodes.length) {
    const stuck = nodes[waiting.findIndex((count) => count > 0)]
    throw broken(where, `${quoted(stuck.output!.find((name) => name !== '')!)} depends on itself`)
  }
  // A value's readers follow it in the file's own order almost always; then that order, which people know, is kept.
  const place = new Map(order.map((node, k) => [node, k]))
  const sorted = nodes.every(({ input = [] }, i) => input.every((name) => !makers.has(name) || makers.get(name)! < i))
  return (sorted ? [...nodes.keys()] : [...place.keys()]).map((i) => nodes[i])
}
