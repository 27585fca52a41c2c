/** A deterministic stream of random numbers. Streams of different names are independent, so that one part of the demo can change without the others. */
export interface RandomStream {
  /** uniform in [0, 1) */
  uniform: () => number
  /** uniform in [from, to) */
  between: (from: number, to: number) => number
  /** integer in [0, n) */
  integer: (n: number) => number
  /** standard normal (Marsaglia's polar method) */
  normal: () => number
  /** 32 random bits */
  bits: () => number
}

const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** A mulberry32 stream whose seed is the FNV-1a hash of `name`. Integer arithmetic and IEEE doubles only: equal on every machine. */
export const randomStream = (name: string): RandomStream => {
  let state = fnv1a(name)
  const bits = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  // Two draws of 27 and 26 bits: a uniform of 32 bits would show as a lattice in the tails of the count distributions.
  const uniform = (): number => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992
  let spare: number | null = null
  const normal = (): number => {
    if (spare !== null) {
      const kept = spare
      spare = null
      return kept
    }
    for (;;) {
      const [a, b] = [2 * uniform() - 1, 2 * uniform() - 1]
      const square = a * a + b * b
      if (square === 0 || square >= 1) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      spare = b * factor
      return a * factor
    }
  }
  return {
    bits,
    uniform,
    normal,
    between: (from, to) => from + (to - from) * uniform(),
    integer: (n) => Math.floor(uniform() * n),
  }
}
