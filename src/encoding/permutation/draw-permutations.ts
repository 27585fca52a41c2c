import { createRandomState } from '../../numerics/random/mt19937.ts'
import type { Labels } from '../splits/split.ts'
import { uniqueByAppearance } from '../splits/unique.ts'

export interface PermutationOptions {
  count: number
  seed: number
  /** stimuli are exchanged only where these labels agree (session and group); omitted: all with all */
  within?: Labels
}

/** Permutations of the stimuli, on one seeded stream: under permutation q, stimulus i takes the responses of stimulus q[i]. */
export const drawPermutations = (n: number, { count, seed, within }: PermutationOptions): Int32Array[] => {
  const random = createRandomState(seed)
  const blocks: number[][] = []
  const blockOf = within === undefined ? new Int32Array(n) : uniqueByAppearance(within).inverse
  blockOf.forEach((block, i) => (blocks[block] ??= []).push(i))
  return Array.from({ length: count }, () => {
    const permutation = new Int32Array(n)
    for (const block of blocks) {
      const order = random.permutation(block.length)
      block.forEach((i, k) => (permutation[i] = block[order[k]]))
    }
    return permutation
  })
}
