import { ball, ellipsoid, lathe, merge, move, rod, surface, tube, turn } from '../render/solids.ts'
import type { Mesh } from '../render/solids.ts'

const stem = (low: number, height: number): Mesh => tube((v) => [0.08 * v * v, low + height * v, 0], (v) => 0.05 * (1 - 0.3 * v), 0.15)

const leaf = (x: number, y: number, length: number): Mesh =>
  surface((u, v) => [x + length * u, y + 0.25 * length * Math.sin(u * 3), 0.3 * length * Math.sin(u * Math.PI) * (2 * v - 1)], 8, 4, 0.4)

const crown = (count: number, y: number, length: number): Mesh =>
  merge(...Array.from(
    { length: count },
    (_, i) => turn(rod([0.05, y, 0], [0.12 + 0.35 * length * (i % 2), y + length * (1 - 0.25 * (i % 2)), 0], 0.09, 0.01, 0.35), 'y', (360 * i) / count),
  ))

/** Smooth solids of revolution from a half outline, drawn finer by a spline through the points. */
const round = (points: (readonly [number, number])[], tone: number): Mesh => {
  const at = (i: number): readonly [number, number] => points[Math.min(Math.max(i, 0), points.length - 1)]
  const fine: [number, number][] = []
  for (let i = 0; i < points.length - 1; i++) {
    for (let t = 0; t < 1; t += 0.25) {
      const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
      const blend = (k: 0 | 1): number => {
        const [square, cube] = [2 * a[k] - 5 * b[k] + 4 * c[k] - d[k], 3 * b[k] - a[k] - 3 * c[k] + d[k]]
        return 0.5 * (2 * b[k] + (c[k] - a[k]) * t + square * t * t + cube * t ** 3)
      }
      fine.push([Math.max(0, blend(0)), blend(1)])
    }
  }
  return lathe([...fine, at(points.length)].map(([r, y]) => [r, y] as const), tone)
}

export const fruits: Record<string, () => Mesh> = {
  apple: () => merge(
    round([[0, 0.62], [0.25, 0.78], [0.6, 0.72], [0.86, 0.3], [0.78, -0.3], [0.45, -0.72], [0.2, -0.76], [0, -0.66]], 0.6), stem(0.6, 0.42),
    leaf(0.04, 0.85, 0.5),
  ),
  banana: () => merge(
    tube(
      (v) => [1.05 * Math.sin((v - 0.5) * 2.3), -1.05 * Math.cos((v - 0.5) * 2.3), 0],
      (v) => 0.27 * Math.sin(Math.PI * Math.min(Math.max(v, 0.03), 0.97)) ** 0.45, 0.9,
    ),
    ball([0.96, -0.43, 0], 0.09, 0.15), rod([-0.93, -0.48, 0], [-1.06, -0.22, 0], 0.08, 0.07, 0.2),
  ),
  grapes: () => merge(...[
    [1, 0.45], [4, 0.25], [5, 0.0], [6, -0.25], [4, -0.5], [3, -0.75], [1, -0.98],
  ].flatMap(([n, y], row) => Array.from({ length: n }, (_, i) => {
    const [r, a] = [n === 1 ? 0 : 0.11 + 0.075 * n, (2 * Math.PI * (i + 0.5 * (row % 2))) / n]
    return ball([r * Math.cos(a), y, r * Math.sin(a)], 0.25, 0.35)
  })), stem(0.6, 0.5)),
  lemon: () => turn(
    merge(round([[0, 1.02], [0.13, 0.95], [0.24, 0.82], [0.56, 0.5], [0.68, 0], [0.56, -0.5], [0.22, -0.84], [0.1, -0.96], [0, -1]], 0.92)), 'z', 65,
  ),
  pear: () => merge(
    round([[0, 1.05], [0.2, 1.02], [0.34, 0.75], [0.42, 0.4], [0.68, -0.1], [0.76, -0.5], [0.55, -0.9], [0.2, -1], [0, -0.94]], 0.78), stem(1, 0.4),
  ),
  pineapple: () => {
    const body = (u: number, v: number): [number, number, number] => {
      const r = 0.55 * Math.sin(Math.PI * Math.min(
        Math.max(v, 0.04), 0.96,
      )) ** 0.4 * (1 + 0.06 * Math.cos(10 * 2 * Math.PI * u + 22 * v) * Math.cos(10 * 2 * Math.PI * u - 22 * v))
      return [r * Math.cos(u * 2 * Math.PI), 1.5 * (v - 0.5), r * Math.sin(u * 2 * Math.PI)]
    }
    return merge(surface(body, 80, 30, 0.55), crown(10, 0.62, 0.85))
  },
  strawberry: () => merge(round(
    [[0, 0.55], [0.35, 0.62], [0.66, 0.4], [0.62, -0.05], [0.36, -0.6], [0.12, -0.85], [0, -0.88]], 0.45,
  ), ...[0, 60, 120, 180, 240, 300].map((a) => turn(move(leaf(0, 0, 0.55), [0.05, 0.58, 0]), 'y', a)), stem(0.6, 0.3), ...Array.from({ length: 22 }, (_, i) => {
    const [y, a] = [0.35 - 0.05 * i, i * 2.4]
    const r = y > 0 ? 0.66 : 0.66 + 0.6 * y
    return ellipsoid([r * Math.cos(a), y, r * Math.sin(a)], [0.045, 0.06, 0.045], 0.95)
  })),
  watermelon: () => turn(merge(surface((u, v) => {
    const a = u * Math.PI
    return [0.95 * Math.cos(a), 0.95 * -Math.sin(a), 0.34 * (2 * v - 1)]
  }, 24, 2, 0.3), ...[-1, 1].map((side) => surface(
    (u, v) => [0.95 * v * Math.cos(u * Math.PI), -0.95 * v * Math.sin(u * Math.PI), 0.34 * side], 24, 4, 0.95,
  )), surface((u, v) => [0.95 * (2 * u - 1), 0, 0.34 * (2 * v - 1)], 2, 2, 0.8), ...[-1, 1].flatMap((side) => [0.2, 0.37, 0.5, 0.63, 0.8].map((t) => ellipsoid(
    [0.62 * Math.cos(t * Math.PI), -0.62 * Math.sin(t * Math.PI), 0.34 * side], [0.05, 0.07, 0.03], 0.03,
  )))), 'z', 12),
}
