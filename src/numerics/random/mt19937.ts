/** NumPy's legacy RandomState on MT19937: the same seed gives the same numbers, call by call, as `numpy.random.RandomState(seed)`. */
export interface RandomState {
  /** raw 32-bit output */
  uint32: () => number
  /** uniform integer in [0, max], max up to 2^53 - 1, by rejection under a bit mask; max 0 draws nothing */
  interval: (max: number) => number
  /** Fisher-Yates in place, as `shuffle` on a one-dimensional array. Changes its argument. */
  shuffle: (values: { length: number; [i: number]: unknown }) => void
  /** 0 … n-1 in random order, as `permutation(n)` */
  permutation: (n: number) => Int32Array
  /** one integer in [low, high), or `size` of them, as `randint(low, high, size)` with its default dtype */
  randint: { (low: number, high: number): number; (low: number, high: number, size: number): Float64Array }
  /** uniform in [0, 1) with 53 bits, as `random_sample` */
  random: () => number
  /** `size` different integers of 0 … n-1, as `choice(n, size, replace=False)`, which permutes all n */
  choice: (n: number, size: number) => Int32Array
  /** standard normal by the polar method, as `standard_normal`; values come in pairs, of which the second is kept for the next call */
  gauss: () => number
}

const N = 624
const M = 397

/** A generator from an integer seed in [0, 2^32), as NumPy's RandomState accepts them; RangeError otherwise. */
export const createRandomState = (seed: number): RandomState => {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) throw new RangeError(`a seed is an integer from 0 to 4294967295, not ${seed}`)
  const key = seedKey(seed)
  let position = N
  let spare: number | null = null

  const uint32 = (): number => {
    if (position === N) {
      regenerate(key)
      position = 0
    }
    let y = key[position++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    y ^= y >>> 18
    return y >>> 0
  }

  const interval = (max: number): number => {
    if (!Number.isSafeInteger(max) || max < 0) throw new RangeError(`random integers go up to a whole number under 2^53, not ${max}`)
    if (max === 0) return 0
    if (max <= 0xffffffff) {
      const mask = 0xffffffff >>> Math.clz32(max)
      for (;;) {
        const value = (uint32() & mask) >>> 0
        if (value <= max) return value
      }
    }
    // 64 bits, high half first; the mask covers all of the low half.
    const mask = 0xffffffff >>> Math.clz32(Math.floor(max / 2 ** 32))
    for (;;) {
      const high = (uint32() & mask) >>> 0
      const value = high * 2 ** 32 + uint32()
      if (value <= max) return value
    }
  }

  const shuffle = (values: { length: number; [i: number]: unknown }): void => {
    for (let i = values.length - 1; i > 0; i--) {
      const j = interval(i)
      const moved = values[i]
      values[i] = values[j]
      values[j] = moved
    }
  }

  const permutation = (n: number): Int32Array => {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    shuffle(order)
    return order
  }

  function randint(low: number, high: number): number
  function randint(low: number, high: number, size: number): Float64Array
  function randint(low: number, high: number, size?: number): number | Float64Array {
    if (!(high > low)) throw new RangeError(`no integers in [${low}, ${high})`)
    const draw = () => low + interval(high - 1 - low)
    return size === undefined ? draw() : Float64Array.from({ length: size }, draw)
  }

  const random = (): number => {
    const high = uint32() >>> 5
    return (high * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53
  }

  const choice = (n: number, size: number): Int32Array => {
    if (size > n) throw new RangeError(`cannot take ${size} different ones of ${n}`)
    return permutation(n).slice(0, size)
  }

  const gauss = (): number => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    for (;;) {
      const x = 2 * random() - 1
      const y = 2 * random() - 1
      const squared = x * x + y * y
      if (squared >= 1 || squared === 0) continue
      const scale = Math.sqrt((-2 * Math.log(squared)) / squared)
      spare = scale * x
      return scale * y
    }
  }

  return { uint32, interval, shuffle, permutation, randint, random, choice, gauss }
}

/** The state that an integer seed stands for (Knuth's recurrence, 1812433253). */
const seedKey = (seed: number): Uint32Array => {
  const key = new Uint32Array(N)
  key[0] = seed
  for (let i = 1; i < N; i++) key[i] = Math.imul(1812433253, key[i - 1] ^ (key[i - 1] >>> 30)) + i
  return key
}

/** The next 624 words of the generalised feedback shift register. */
const regenerate = (key: Uint32Array): void => {
  for (let i = 0; i < N; i++) {
    const y = (key[i] & 0x80000000) | (key[(i + 1) % N] & 0x7fffffff)
    key[i] = key[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
  }
}
