import { createHash } from 'node:crypto'

/** Whole numbers on [0, 2^32) from xoshiro128** (Blackman & Vigna 2018). The four words of state must not all be 0. */
export const xoshiro128 = (state: readonly [number, number, number, number]): (() => number) => {
  let [a, b, c, d] = state.map((word) => word | 0)
  return () => {
    const fives = Math.imul(b, 5)
    const result = Math.imul((fives << 7) | (fives >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result >>> 0
  }
}

/**
 * Uniforms on [0, 1) in steps of 2^-32. The state is a hash of the seed and a name, so that every parameter has a stream of its own
 * and none depends on the order in which they are drawn.
 */
export const uniformStream = (seed: number, name: string): (() => number) => {
  const hash = createHash('sha256').update(`${seed}:${name}`).digest()
  const next = xoshiro128([hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), hash.readUInt32LE(12)])
  return () => next() / 4294967296
}

/** Fills with N(0, std²) by Marsaglia's polar method: two values of each accepted point of the unit disc. */
export const fillNormal = (out: Float32Array, std: number, uniform: () => number): void => {
  for (let i = 0; i < out.length; i += 2) {
    let x, y, s
    do {
      x = 2 * uniform() - 1
      y = 2 * uniform() - 1
      s = x * x + y * y
    } while (s >= 1 || s === 0)
    const scale = std * Math.sqrt((-2 * Math.log(s)) / s)
    out[i] = x * scale
    if (i + 1 < out.length) out[i + 1] = y * scale
  }
}
