/** Dtypes a checkpoint may store, with bytes per element. */
export const dtypeBytes = { float64: 8, float32: 4, float16: 2, bfloat16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint8: 1, bool: 1 } as const

export type Dtype = keyof typeof dtypeBytes

/** IEEE half precision, exact in single. */
const fromHalf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const word = new Uint32Array(1)
const single = new Float32Array(word.buffer)

/** bfloat16 is the upper half of a single. */
const fromBfloat = (bits: number): number => {
  word[0] = bits << 16
  return single[0]
}

/** Element i of little-endian bytes as a number; what single precision cannot hold is rounded when it is stored. */
export const elementReader = (dtype: Dtype, bytes: Uint8Array): ((i: number) => number) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (dtype) {
    case 'float64': return (i) => view.getFloat64(i * 8, true)
    case 'float32': return (i) => view.getFloat32(i * 4, true)
    case 'float16': return (i) => fromHalf(view.getUint16(i * 2, true))
    case 'bfloat16': return (i) => fromBfloat(view.getUint16(i * 2, true))
    case 'int64': return (i) => Number(view.getBigInt64(i * 8, true))
    case 'int32': return (i) => view.getInt32(i * 4, true)
    case 'int16': return (i) => view.getInt16(i * 2, true)
    case 'int8': return (i) => view.getInt8(i)
    case 'uint8': return (i) => view.getUint8(i)
    case 'bool': return (i) => (view.getUint8(i) === 0 ? 0 : 1)
  }
}
