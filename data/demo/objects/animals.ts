import { both, ellipsoid, lathe, merge, move, rod, tube, turn } from '../render/solids.ts'
import type { Mesh, Point } from '../render/solids.ts'

interface Build {
  /** half length and thickness of the trunk, length of the legs and the neck, size of the head and the snout */
  trunk: number
  girth: number
  legs: number
  neck: number
  head: number
  snout: number
  ears: 'round' | 'pointed' | 'long' | 'flaps'
  tail: number
  tone: number
  extra?: (head: Point) => Mesh[]
}

const ear = (kind: Build['ears'], [x, y]: Point, size: number, tone: number): Mesh => {
  const z = size * 0.6
  if (kind === 'round') return ellipsoid([x - 0.1 * size, y + 0.9 * size, z], [0.3 * size, 0.35 * size, 0.15 * size], tone)
  if (kind === 'pointed') return rod([x - 0.2 * size, y + 0.6 * size, z], [x - 0.3 * size, y + 1.6 * size, z * 1.1], 0.3 * size, 0.02, tone)
  if (kind === 'long') return ellipsoid([x - 0.4 * size, y + 1.6 * size, z * 0.7], [0.22 * size, 1.1 * size, 0.18 * size], tone)
  return ellipsoid([x - 0.5 * size, y, z * 1.6], [0.75 * size, 1 * size, 0.12 * size], tone)
}

/** A four-legged animal that walks to the right (+x). */
const quadruped = (b: Build): Mesh => {
  const head: Point = [b.trunk + 0.25 * b.neck + 0.3 * b.head, b.girth * 0.5 + b.neck, 0]
  const leg = (x: number): Mesh =>
    both(merge(rod([x, 0, b.girth * 0.55], [x, -b.girth * 0.6 - b.legs, b.girth * 0.5], b.girth * 0.3, b.girth * 0.2, b.tone * 0.85)), 'z')
  return merge(
    ellipsoid([0, 0, 0], [b.trunk * 1.1, b.girth, b.girth * 0.85], b.tone, 0.85),
    rod([b.trunk * 0.75, b.girth * 0.3, 0], [head[0] - 0.2 * b.head, head[1], 0], b.girth * 0.55, b.head * 0.6, b.tone),
    ellipsoid(head, [b.head, b.head * 0.9, b.head * 0.8], b.tone),
    rod(
      [head[0] + 0.3 * b.head, head[1] - 0.15 * b.head, 0], [head[0] + b.head + b.snout, head[1] - 0.35 * b.head, 0], b.head * 0.55, b.head * 0.35,
      b.tone * 0.8,
    ),
    both(
      ellipsoid([head[0] + 0.65 * b.head, head[1] + 0.35 * b.head, 0.55 * b.head], [0.13, 0.13, 0.13].map((r) => r * b.head * 1.3) as unknown as Point, 0.03),
      'z',
    ),
    both(ear(b.ears, head, b.head, b.tone * 0.7), 'z'),
    leg(b.trunk * 0.72),
    leg(-b.trunk * 0.72),
    tube((v) => [-b.trunk * 1.0 - 0.5 * b.tail * v, b.girth * 0.4 - b.tail * v * (v - 0.2), 0], (v) => 0.09 * (1 - 0.7 * v), b.tone * 0.8),
    ...(b.extra?.(head) ?? []),
  )
}

const trunkAndTusks = ([x, y]: Point): Mesh[] => [
  tube((v) => [x + 0.4 + 0.35 * Math.sin(v * 2.6), y - 1.2 * v, 0], (v) => 0.17 * (1 - 0.55 * v), 0.5),
  both(tube((v) => [x + 0.3 + 0.45 * v, y - 0.25 - 0.25 * v + 0.2 * v * v, 0.2], (v) => 0.06 * (1 - 0.8 * v), 0.98), 'z'),
]

const humps = (): Mesh[] => [ellipsoid([-0.3, 0.5, 0], [0.28, 0.4, 0.24], 0.7), ellipsoid([0.38, 0.5, 0], [0.28, 0.4, 0.24], 0.7)]

const mane = ([x, y]: Point): Mesh[] => [ellipsoid([x - 0.3, y - 0.05, 0], [0.32, 0.68, 0.62], 0.4, 0.8)]

const shell = (): Mesh =>
  merge(
    lathe([[0.95, -0.05], [0.9, 0.15], [0.7, 0.42], [0.4, 0.58], [0, 0.64]], 0.45, 0.8),
    ellipsoid([0, -0.05, 0], [1.02, 0.14, 0.84], 0.75),
    move(ellipsoid([1.18, 0.1, 0], [0.3, 0.22, 0.2], 0.7), [0, 0, 0]),
    ...[-1, 1].flatMap((z) => [-0.6, 0.6].map((x) => move(turn(ellipsoid([0, 0, 0], [0.22, 0.3, 0.16], 0.65), 'z', x * 40), [x, -0.25, z * 0.55]))),
    both(ellipsoid([1.32, 0.2, 0.13], [0.05, 0.05, 0.05], 0.03), 'z'),
  )

const plain: Build = { trunk: 0.75, girth: 0.38, legs: 0.5, neck: 0.35, head: 0.3, snout: 0.15, ears: 'pointed', tail: 0.5, tone: 0.7 }

export const animals: Record<string, () => Mesh> = {
  bear: () => quadruped({ ...plain, girth: 0.58, legs: 0.32, neck: 0.2, head: 0.42, ears: 'round', tail: 0.1, tone: 0.42 }),
  camel: () => quadruped({ ...plain, legs: 0.85, neck: 0.85, snout: 0.25, ears: 'round', extra: humps }),
  cat: () => quadruped({ ...plain, trunk: 0.65, girth: 0.3, legs: 0.35, neck: 0.15, head: 0.34, snout: 0.02, tail: 1.1, tone: 0.55 }),
  elephant: () =>
    quadruped({ ...plain, trunk: 0.85, girth: 0.66, neck: 0.25, head: 0.5, snout: 0, ears: 'flaps', tail: 0.4, tone: 0.55, extra: trunkAndTusks }),
  giraffe: () => quadruped({ ...plain, trunk: 0.55, girth: 0.34, legs: 0.95, neck: 1.35, head: 0.26, snout: 0.2, tone: 0.78 }),
  lion: () => quadruped({ ...plain, girth: 0.4, head: 0.38, neck: 0.3, snout: 0.12, ears: 'round', tail: 0.9, extra: mane }),
  rabbit: () => quadruped({ ...plain, trunk: 0.5, girth: 0.42, legs: 0.12, neck: 0.3, head: 0.34, snout: 0.03, ears: 'long', tail: 0.08, tone: 0.82 }),
  turtle: shell,
}
