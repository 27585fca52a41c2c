/** A little-endian two's-complement integer; a number while that is exact, else a bigint. */
export const decodeInteger = (bytes: Uint8Array): number | bigint => {
  if (bytes.length === 0) return 0
  const magnitude = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const value = BigInt.asIntN(bytes.length * 8, magnitude)
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}
