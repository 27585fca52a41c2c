/** Numbers 0 … n-1 in sets that are joined pair by pair. */
export interface DisjointSets {
  join: (a: number, b: number) => void
  /** the least member of each number's set */
  roots: () => Int32Array
}

export const createDisjointSets = (n: number): DisjointSets => {
  const parent = Int32Array.from({ length: n }, (_, i) => i)
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]]
    return i
  }
  return {
    join: (a, b) => {
      const [i, j] = [root(a), root(b)]
      parent[Math.max(i, j)] = Math.min(i, j)
    },
    roots: () => parent.map((_, i) => root(i)),
  }
}
