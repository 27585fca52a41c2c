import type { DatasetManifest } from '../domain/dataset.ts'

/** Group number of each stimulus: near and exact duplicates share one, transitively; the others stand alone. */
export const duplicateGroups = (manifest: DatasetManifest): Int32Array => {
  const index = new Map(manifest.stimuli.map((stimulus, i) => [stimulus.stimulusId, i]))
  const parent = Int32Array.from(manifest.stimuli, (_, i) => i)
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]]
    return i
  }
  for (const [a, b] of [...manifest.report.duplicates.exact, ...manifest.report.duplicates.near]) {
    const [i, j] = [root(index.get(a)!), root(index.get(b)!)]
    parent[Math.max(i, j)] = Math.min(i, j)
  }
  return parent.map((_, i) => root(i))
}
