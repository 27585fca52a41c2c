// The counter-based generator of the reference numbers (shared reference README): the same in Python and TypeScript.
const fnv1a = (text: string): number => {
  let h = 2166136261
  for (const byte of Buffer.from(text, 'utf8')) h = Math.imul(h ^ byte, 16777619) >>> 0
  return h
}

const uniformAt = (seed: number, i: number): number => {
  let t = (seed + Math.imul(i + 1, 0x6d2b79f5)) | 0
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

/** count uniforms in [0,1) for a name. */
export const uniforms = (name: string, count: number, salt = 'ventral-open'): Float64Array => {
  const seed = fnv1a(`${salt}:${name}`)
  return Float64Array.from({ length: count }, (_, i) => uniformAt(seed, i))
}

/** gauss(name, i) = sqrt(-2 ln(1-u1)) cos(2 pi u2), u1 from `name:a`, u2 from `name:b`. */
export const gauss = (name: string, count: number, salt = 'ventral-open'): Float64Array => {
  const a = uniforms(`${name}:a`, count, salt)
  const b = uniforms(`${name}:b`, count, salt)
  return a.map((u, i) => Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * b[i]))
}

export type FillKind = 'w' | 'b' | 'nw' | 'rm' | 'rv' | 'nbt' | 'o' | 'input'

/** The reference fill of one parameter. */
export const fill = (name: string, shape: readonly number[], kind: FillKind, salt = 'ventral-open'): Float32Array => {
  const count = shape.reduce((a, b) => a * b, 1)
  const seed = fnv1a(`${salt}:${name}`)
  const scale = kind === 'w' ? Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1)) : kind === 'input' ? 1 : 0.1
  const out = new Float32Array(count)
  if (kind === 'nbt') return out
  for (let i = 0; i < count; i++) {
    const u = uniformAt(seed, i)
    const s = 2 * u - 1
    out[i] = kind === 'rv' ? 1 + 0.5 * u : kind === 'nw' ? 1 + 0.1 * s : s * scale
  }
  return out
}
