/** The times in which a unit was observed: disjoint intervals [from, to) in ascending order. */
export interface Observation {
  from: Float64Array
  to: Float64Array
}

const of = (intervals: readonly (readonly [number, number])[]): Observation => ({ from: Float64Array.from(intervals, ([from]) => from), to: Float64Array.from(intervals, ([, to]) => to) })

/** Intervals in any order as an observation; those that touch or overlap are one. */
export const observe = (intervals: readonly (readonly [number, number])[]): Observation => {
  const merged: [number, number][] = []
  for (const [from, to] of intervals.filter(([a, b]) => a < b).toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return of(merged)
}

/** What is left of an observation without the times that are invalid. */
export const without = ({ from, to }: Observation, invalid: Observation): Observation => {
  const left: [number, number][] = []
  let next = 0
  from.forEach((start, i) => {
    let at = start
    while (next < invalid.from.length && invalid.to[next] <= at) next++
    for (let k = next; k < invalid.from.length && invalid.from[k] < to[i]; k++) {
      if (invalid.from[k] > at) left.push([at, invalid.from[k]])
      at = Math.max(at, invalid.to[k])
    }
    if (at < to[i]) left.push([at, to[i]])
  })
  return of(left)
}

/** Whether all of [from, to) was observed. */
export const covers = (observation: Observation, from: number, to: number): boolean => {
  let [low, high] = [0, observation.from.length] // the last interval that starts at or before `from`
  while (low < high) {
    const middle = (low + high) >> 1
    if (observation.from[middle] <= from) low = middle + 1
    else high = middle
  }
  return low > 0 && observation.to[low - 1] >= to
}
