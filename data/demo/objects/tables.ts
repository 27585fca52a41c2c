import { both, box, lathe, merge, move, rod, tube, turn } from '../render/solids.ts'
import type { Mesh } from '../render/solids.ts'

const fourLegs = (x: number, z: number, height: number, radius: number, tone: number, splay = 0): Mesh =>
  both(both(rod([x, 0, z], [x + splay, -height, z + splay], radius, radius * 0.75, tone), 'x'), 'z')

const disc = (radius: number, tone: number, squash = 1): Mesh => lathe([[0, 0.05], [radius, 0.05], [radius, -0.05], [0, -0.05]], tone, squash)

const trestle = (x: number): Mesh => both(
  merge(rod([x, 0, 0], [x, -0.8, 0.45], 0.05, 0.05, 0.5), rod([x, -0.45, 0.2], [x, -0.45, -0.2], 0.035, 0.035, 0.5)), 'z',
)

export const tables: Record<string, () => Mesh> = {
  bench: () => merge(
    box([0, 0, 0], [1.9, 0.09, 0.7], 0.6), both(box([0, -0.4, 0.75], [1.8, 0.08, 0.3], 0.6), 'z'),
    both(
      merge(
        rod([0.65, 0, 0.2], [0.65, -0.8, 0.8], 0.05, 0.05, 0.4), rod([0.65, 0, -0.2], [0.65, -0.8, -0.8], 0.05, 0.05, 0.4),
        rod([0.65, -0.42, -0.75], [0.65, -0.42, 0.75], 0.04, 0.04, 0.4),
      ),
      'x',
    ),
  ),
  coffee: () => merge(
    box([0, 0, 0], [1.7, 0.1, 1], 0.35), box([0, -0.36, 0], [1.5, 0.06, 0.8], 0.5),
    both(both(box([0.76, -0.27, 0.42], [0.1, 0.54, 0.1], 0.3), 'x'), 'z'),
  ),
  desk: () => merge(
    box([0, 0, 0], [1.9, 0.08, 0.9], 0.75), both(box([0.68, -0.42, 0], [0.5, 0.78, 0.8], 0.6), 'x'),
    both(merge(...[-0.2, -0.45, -0.68].map((y) => box([0.68, y, 0.41], [0.42, 0.2, 0.03], 0.85))), 'x'), box([0, -0.3, -0.4], [0.9, 0.5, 0.05], 0.55),
  ),
  dining: () => merge(box([0, 0, 0], [2, 0.09, 1], 0.65), box([0, -0.1, 0], [1.8, 0.14, 0.82], 0.5), fourLegs(0.85, 0.4, 0.95, 0.07, 0.55)),
  oval: () => merge(disc(1.1, 0.85, 0.6), fourLegs(0.55, 0.28, 0.9, 0.06, 0.25, 0.16)),
  pedestal: () => merge(
    disc(0.95, 0.7), move(lathe([[0.06, 0], [0.1, -0.2], [0.17, -0.45], [0.09, -0.6], [0.12, -0.75], [0.12, -0.8]], 0.45), [0, 0, 0]),
    ...[0, 120, 240].map((a) => turn(tube((v) => [0.08 + 0.5 * v, -0.7 - 0.3 * v * v, 0], (v) => 0.07 * (1 - 0.4 * v), 0.45), 'y', a + 30)),
  ),
  trestle: () => merge(box([0, 0, 0], [2.1, 0.08, 0.8], 0.8), both(trestle(0.75), 'x'), rod([-0.75, -0.45, 0], [0.75, -0.45, 0], 0.04, 0.04, 0.5)),
  tripod: () => merge(
    disc(0.75, 0.55), ...[0, 120, 240].map((a) => turn(rod([0.12, -0.05, 0], [0.75, -1.1, 0], 0.06, 0.04, 0.75), 'y', a + 90)),
    turn(tube((v) => [0.42 * Math.cos(6.2832 * v), -0.6, 0.42 * Math.sin(6.2832 * v)], () => 0.03, 0.75), 'y', 0),
  ),
}
