/** Edit distance between two names (insertions, deletions, substitutions). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]
}

/** The `count` candidates that look most like `name`, nearest first; equally near ones in their own order. */
export const nearest = (name: string, candidates: readonly string[], count = 3): string[] => {
  // Names may come straight from a request: a long one is cut, which changes no ranking that matters.
  const asked = name.slice(0, 100).toLowerCase()
  return candidates
    .map((candidate) => ({ candidate, far: distance(asked, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}
