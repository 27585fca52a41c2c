import { safetensors } from '../../models/weights/checkpoint-builder.ts'

/** A .safetensors file of zeros for the parameters given. */
export const zeroCheckpoint = (params: readonly { name: string; shape: readonly number[] }[]): Buffer => {
  let end = 0
  const header = params.map(({ name, shape }) => [name, { dtype: 'F32', shape, data_offsets: [end, (end += 4 * shape.reduce((a, b) => a * b, 1))] }])
  return safetensors(Object.fromEntries(header) as Record<string, unknown>, Buffer.alloc(end))
}
