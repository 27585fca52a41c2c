/** A function along a line: its value and slope at a step. */
export interface LinePoint {
  step: number
  value: number
  slope: number
}

/** Sufficient decrease and curvature (Nocedal & Wright 2006, section 3.1), the usual values for quasi-Newton directions. */
const DECREASE = 1e-4
const CURVATURE = 0.9
/** Values that differ by less, relative to their size, are told apart by their slopes (Hager & Zhang 2005, the approximate Wolfe condition). */
const ROUNDING = 1e-12
const MAX_EVALUATIONS = 40

/** The minimiser of the cubic through two points with slopes, kept within the middle four fifths of their interval. */
const interpolate = (a: LinePoint, b: LinePoint): number => {
  const width = b.step - a.step
  const theta = a.slope + b.slope - (3 * (b.value - a.value)) / width
  const root = Math.sqrt(theta ** 2 - a.slope * b.slope) * Math.sign(width)
  const step = b.step - (width * (b.slope + root - theta)) / (b.slope - a.slope + 2 * root)
  const [low, high] = [a.step + width / 10, b.step - width / 10].sort((x, y) => x - y)
  return Number.isFinite(step) ? Math.min(Math.max(step, low), high) : a.step + width / 2
}

/**
 * A step from `start` (step 0, slope under 0) that meets the strong Wolfe conditions: Nocedal & Wright's algorithms 3.5 and 3.6, from a
 * step of 1 on. The step that is answered is the one evaluated last. Null where there is none within rounding.
 */
export const strongWolfe = async (start: LinePoint, evaluate: (step: number) => Promise<LinePoint>): Promise<LinePoint | null> => {
  const descends = ({ step, value, slope }: LinePoint): boolean =>
    value <= start.value + DECREASE * step * start.slope || (value <= start.value + ROUNDING * Math.abs(start.value) && slope <= (2 * DECREASE - 1) * start.slope)
  const flat = ({ slope }: LinePoint): boolean => Math.abs(slope) <= -CURVATURE * start.slope
  let left = MAX_EVALUATIONS

  /** Narrows down an interval whose `low` end descends and that holds a good step. */
  const zoom = async (from: LinePoint, to: LinePoint): Promise<LinePoint | null> => {
    for (let [low, high] = [from, to]; left > 0; left--) {
      const next = await evaluate(interpolate(low, high))
      if (!descends(next) || (next.value >= low.value && next.slope * (high.step - low.step) >= 0)) high = next
      else {
        if (flat(next)) return next
        if (next.slope * (high.step - low.step) >= 0) high = low
        low = next
      }
    }
    return null
  }

  let before = start
  for (let step = 1; left > 0; left--) {
    const next = await evaluate(step)
    if (!Number.isFinite(next.value)) {
      step = (before.step + step) / 2
      continue
    }
    if (!descends(next)) return zoom(before, next)
    if (flat(next)) return next
    if (next.slope >= 0) return zoom(next, before)
    before = next
    step *= 2
  }
  return null
}
