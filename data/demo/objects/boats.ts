import { box, merge, move, polygon, rod, surface, tube } from '../render/solids.ts'
import type { Mesh, Point } from '../render/solids.ts'

/** A hull along x (bow at +x): `beam` wide, `depth` deep, `sheer` higher at the bow, `stern` 0 (pointed) to 1 (cut off). */
const hull = (beam: number, depth: number, sheer: number, stern: number, tone: number): Mesh => {
  const width = (t: number): number => (beam / 2) * (t > 0 ? Math.sqrt(Math.max(0, 1 - t ** 2.4)) : 1 - (1 - stern) * (-t) ** 2.2)
  const rim = (t: number): number => sheer * t * t
  const skin = surface((u, v) => {
    const [t, a] = [2 * u - 1, (v - 0.5) * Math.PI]
    return [t * (1 - 0.12 * Math.cos(a) * Math.max(0, t)), rim(t) - depth * Math.cos(a) ** 0.7 * (1 - 0.35 * Math.max(0, t) ** 3), width(t) * Math.sin(a)]
  }, 24, 12, tone)
  const deck = surface((u, v) => [2 * u - 1, rim(2 * u - 1) - 0.04, width(2 * u - 1) * (2 * v - 1)], 24, 2, Math.min(1, tone + 0.35))
  const back = polygon([-1, -0.5, 0, 0.5, 1].map((s): Point => [-1, sheer - depth * Math.sqrt(1 - s * s), (beam / 2) * stern * s]), tone * 0.9)
  return merge(skin, deck, ...(stern > 0.2 ? [back] : []))
}

const sail = (foot: number, height: number, x: number, low: number, tone: number): Mesh =>
  surface((u, v) => [x + foot * u * (1 - v), low + height * v, 0.22 * Math.sin(u * Math.PI) * (1 - v)], 8, 10, tone)

const mast = (x: number, height: number): Mesh => rod([x, 0, 0], [x, height, 0], 0.03, 0.02, 0.3)
const funnel = (x: number, low: number, height: number, radius: number): Mesh =>
  merge(
    rod([x, low, 0], [x - 0.05, low + height, 0], radius, radius, 0.85),
    rod([x - 0.05, low + height * 0.75, 0], [x - 0.06, low + height * 1.02, 0], radius * 1.06, radius * 1.06, 0.15),
  )

export const boats: Record<string, () => Mesh> = {
  canoe: () => merge(hull(0.42, 0.24, 0.3, 0, 0.5), box([0.3, 0, 0], [0.08, 0.04, 0.36], 0.8), box([-0.35, 0, 0], [0.08, 0.04, 0.36], 0.8)),
  container: () =>
    merge(hull(0.42, 0.3, 0.06, 0.9, 0.3), box([-0.78, 0.25, 0], [0.2, 0.5, 0.36], 0.95),
      ...[-0.5, -0.25, 0, 0.25, 0.5].flatMap((x, i) => [0.08, 0.22].map((y, j) => box([x, y, 0], [0.22, 0.13, 0.34], 0.35 + 0.3 * ((i + j) % 3))))),
  gondola: () =>
    merge(
      hull(0.34, 0.18, 0.55, 0.05, 0.18), tube((v) => [1 + 0.06 * Math.sin(3 * v), 0.5 + 0.35 * v, 0], () => 0.05, 0.8),
      box([-0.1, 0.15, 0], [0.4, 0.3, 0.28], 0.6, [0.8, 0.7]),
    ),
  liner: () =>
    merge(hull(0.36, 0.3, 0.08, 0.7, 0.2), box([-0.08, 0.1, 0], [1.35, 0.2, 0.32], 0.95), box([-0.1, 0.26, 0], [1.05, 0.14, 0.26], 0.85),
      ...[-0.45, -0.1, 0.25].map((x) => funnel(x, 0.3, 0.36, 0.08))),
  motorboat: () => merge(
    hull(0.55, 0.26, 0.14, 0.9, 0.9), box([-0.05, 0.14, 0], [0.6, 0.26, 0.4], 0.35, [0.6, 0.8]), box([-0.98, -0.02, 0], [0.12, 0.3, 0.14], 0.15),
  ),
  sailboat: () => merge(hull(0.5, 0.26, 0.1, 0.6, 0.55), mast(0.1, 1.75), sail(-0.95, 1.5, 0.06, 0.18, 0.97), sail(0.75, 1.25, 0.14, 0.14, 0.82)),
  schooner: () =>
    merge(hull(0.4, 0.28, 0.16, 0.5, 0.32), ...[-0.55, 0, 0.5].map((x) => mast(x, 1.4)), ...[-0.55, 0, 0.5].flatMap((x) => [
      move(box([x, 0.5, 0.05], [0.5, 0.5, 0.03], 0.95, [0.8, 1]), [0, 0, 0]), box([x, 1.04, 0.05], [0.38, 0.42, 0.03], 0.88, [0.75, 1])])),
  tugboat: () =>
    merge(
      hull(0.72, 0.38, 0.26, 0.8, 0.28), box([0.15, 0.3, 0], [0.55, 0.55, 0.46], 0.92, [0.85, 0.85]), box([0.18, 0.68, 0], [0.36, 0.24, 0.36], 0.6),
      funnel(-0.3, 0.1, 0.75, 0.14),
    ),
}
