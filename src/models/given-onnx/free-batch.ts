import type { NodeProto } from '../../numerics/onnx/schema.ts'
import type { RawTensor } from '../onnx/assembler.ts'
import { fromIntegers, toIntegers } from './tensors.ts'

export interface Batched {
  nodes: readonly NodeProto[]
  tensors: ReadonlyMap<string, RawTensor>
}

/** Longest shape that a Reshape is written with. */
const MAX_AXES = 16

/**
 * Lets a model take any number of images that was exported for one: where a value that depends on the image is given a shape whose first
 * axis is 1, the axis is copied from the value instead (ONNX's 0). Other traces of the number are not looked for. Null where there is
 * nothing to change. That the values of one image stay the same is for `probe` to see.
 */
export const freeBatch = ({ nodes, tensors, input }: Batched & { input: string }): Batched | null => {
  const seen = new Set([input])
  const freed = new Map(tensors)
  const rewritten = nodes.map((node) => {
    const [data, shape] = node.input!
    if (!node.input!.some((name) => seen.has(name))) return node
    for (const name of node.output!) seen.add(name)
    if (node.opType !== 'Reshape' || node.domain !== '' || !seen.has(data) || node.attribute!.some(({ name, i }) => name === 'allowzero' && i === 1)) return node
    const stated = tensors.get(shape)
    const sides = stated === undefined || stated.data.length > 8 * MAX_AXES ? null : toIntegers(stated)
    const free = `${shape}, any batch`
    if (sides?.[0] !== 1 || tensors.has(free)) return node
    freed.set(free, fromIntegers([0, ...sides.slice(1)]))
    return { ...node, input: [data, free] }
  })
  return freed.size === tensors.size ? null : { nodes: rewritten, tensors: freed }
}
