import { ball, both, box, ellipsoid, lathe, merge, move, rod, surface, tube, turn, wheel } from '../render/solids.ts'
import type { Mesh } from '../render/solids.ts'

const legs = (half: number, height: number, radius: number, tone: number, splay = 0.06): Mesh =>
  both(both(rod([half, 0, half], [half + splay, -height, half + splay], radius, radius * 0.7, tone), 'x'), 'z')

const seat = (width: number, thickness: number, tone: number): Mesh => box([0, 0, 0], [width, thickness, width], tone)

/** A back that stands at the rear edge (-z) and leans a little. */
const back = (mesh: Mesh, at: number): Mesh => move(turn(mesh, 'x', -9), [0, 0, -at])

const slats = (width: number, height: number, tone: number): Mesh =>
  merge(
    ...[-1, -0.5, 0, 0.5, 1].map((x) => rod([(x * width) / 2, 0, 0], [(x * width) / 2, height, 0], 0.035, 0.03, tone)),
    box([0, height, 0], [width * 1.1, 0.14, 0.07], tone),
  )

const arms = (half: number, height: number, tone: number): Mesh =>
  both(merge(box([half, height, 0], [0.1, 0.07, 2 * half * 0.95], tone), rod([half, 0, half * 0.85], [half, height, half * 0.85], 0.04, 0.04, tone)), 'x')

export const chairs: Record<string, () => Mesh> = {
  armchair: () => merge(
    box([0, -0.05, 0.05], [0.95, 0.42, 0.95], 0.6), box([0, -0.3, 0], [1.2, 0.2, 1.1], 0.5),
    both(ellipsoid([0.58, 0.08, 0.05], [0.16, 0.42, 0.55], 0.66, 0.6), 'x'), back(ellipsoid([0, 0.4, 0], [0.62, 0.65, 0.18], 0.66, 0.6), 0.45),
    legs(0.42, 0.55, 0.06, 0.2),
  ),
  barstool: () => merge(
    lathe([[0, 0.06], [0.4, 0.06], [0.42, 0], [0.4, -0.06], [0, -0.06]], 0.5),
    both(both(rod([0.24, 0, 0.24], [0.4, -1.6, 0.4], 0.045, 0.04, 0.7), 'x'), 'z'),
    tube((v) => [0.46 * Math.cos(6.2832 * v), -1.05, 0.46 * Math.sin(6.2832 * v)], () => 0.03, 0.7),
    back(merge(tube((v) => [0.36 * Math.cos(Math.PI * v), 0.42 * Math.sin(Math.PI * v), 0], () => 0.04, 0.7)), 0.36),
  ),
  dining: () => merge(seat(0.9, 0.1, 0.7), legs(0.4, 0.9, 0.055, 0.6), back(slats(0.8, 1.05, 0.62), 0.42)),
  folding: () => merge(
    seat(0.85, 0.06, 0.85),
    both(merge(rod([0.4, 0.35, -0.45], [0.4, -0.9, 0.5], 0.035, 0.035, 0.3), rod([0.4, 0, 0.4], [0.4, -0.9, -0.5], 0.035, 0.035, 0.3)), 'x'),
    back(merge(box([0, 0.6, 0], [0.85, 0.34, 0.05], 0.85), both(rod([0.4, 0, 0], [0.4, 0.75, 0], 0.035, 0.035, 0.3), 'x')), 0.42),
  ),
  ladderback: () => merge(
    seat(0.85, 0.08, 0.8), legs(0.37, 0.85, 0.05, 0.4, 0.02),
    back(
      merge(both(rod([0.37, 0, 0], [0.37, 1.4, 0], 0.05, 0.04, 0.4), 'x'), ...[0.4, 0.72, 1.04, 1.3].map((y) => box([0, y, 0], [0.74, 0.15, 0.05], 0.45))),
      0.38,
    ),
  ),
  office: () =>
    merge(
      ellipsoid([0, 0, 0], [0.55, 0.13, 0.52], 0.25, 0.7), rod([0, 0, 0], [0, -0.6, 0], 0.07, 0.06, 0.5),
      ...[0, 72, 144, 216, 288].map((a) => turn(merge(rod([0, -0.6, 0], [0.55, -0.72, 0], 0.05, 0.04, 0.4), wheel([0.55, -0.8, 0], 0.08, 0.08, 0.1)), 'y', a)),
      back(ellipsoid([0, 0.62, 0], [0.45, 0.48, 0.09], 0.25, 0.65), 0.48), back(rod([0, -0.05, 0], [0, 0.4, 0], 0.05, 0.05, 0.5), 0.48),
      arms(0.56, 0.3, 0.3),
    ),
  rocking: () => merge(
    seat(0.9, 0.09, 0.55), legs(0.38, 0.72, 0.05, 0.5), back(slats(0.78, 1.2, 0.5), 0.42), arms(0.46, 0.34, 0.55),
    both(tube((v) => [0.44, -0.62 - 0.18 * Math.sin(v * Math.PI), -0.85 + 1.7 * v], () => 0.05, 0.5), 'x'),
  ),
  tulip: () =>
    merge(lathe([[0.5, -1], [0.42, -0.96], [0.1, -0.88], [0.06, -0.6], [0.1, -0.25], [0.42, -0.02], [0, 0]], 0.95), surface((u, v) => {
      const a = (u - 0.5) * 3.6
      const r = 0.42 + 0.2 * v
      return [r * Math.sin(a), 1.15 * v * (0.35 + 0.65 * Math.cos(a / 2) ** 2), -r * Math.cos(a)]
    }, 20, 8, 0.92), ball([0, 0.02, 0], 0.02, 0.9), ellipsoid([0, 0.04, 0.05], [0.42, 0.08, 0.4], 0.4)),
}
