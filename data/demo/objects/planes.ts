import { both, box, ellipsoid, merge, move, prism, rod, tube, turn } from '../render/solids.ts'
import type { Mesh } from '../render/solids.ts'

/** A wing from the body's side outwards along +z: root and tip chord, sweep backwards (-x), length, rise. */
const wing = (x: number, y: number, root: number, tip: number, sweep: number, length: number, tone: number, rise = 0): Mesh => {
  const half = turn(prism([[x + root / 2, 0], [x - root / 2, 0], [x - sweep - tip / 2, length], [x - sweep + tip / 2, length]], 0.06, tone), 'x', 90)
  return both(move(turn(half, 'x', -rise), [0, y, 0]), 'z')
}
const fin = (x: number, y: number, root: number, tip: number, sweep: number, height: number, tone: number): Mesh =>
  prism([[x + root / 2, y], [x - root / 2, y], [x - sweep - tip / 2, y + height], [x - sweep + tip / 2, y + height]], 0.05, tone)

/** A body along x, nose at +x. */
const body = (length: number, radius: number, tone: number): Mesh =>
  tube(
    (v) => [length * (1 - 2 * v), 0.25 * radius * Math.max(0, v - 0.6) * 2.5, 0],
    (v) => radius * Math.min(1, Math.sqrt(Math.max(0.0004, v) * 7)) * (1 - 0.85 * Math.max(0, (v - 0.6) / 0.4) ** 1.5), tone,
  )

const engine = (x: number, y: number, z: number, size: number): Mesh => both(
  merge(
    rod([x - 1.6 * size, y, z], [x + 1.2 * size, y, z], size * 0.8, size, 0.5),
    rod([x + 1.2 * size, y, z], [x + 1.25 * size, y, z], size * 0.8, size * 0.8, 0.06),
  ),
  'z',
)
const propeller = (x: number, y: number, z: number, size: number): Mesh => merge(
  box([x, y, z], [0.03, 2 * size, 0.08], 0.15), box([x, y, z], [0.03, 0.08, 2 * size], 0.15), ellipsoid([x, y, z], [0.1, 0.06, 0.06], 0.9),
)
const windows = (x: number, y: number, length: number, radius: number): Mesh => ellipsoid([x, y, 0], [length, radius, radius], 0.08)

export const planes: Record<string, () => Mesh> = {
  airliner: () => merge(
    body(1.3, 0.17, 0.95), wing(0.05, -0.06, 0.5, 0.14, 0.55, 1.2, 0.75, 4), wing(-1.12, 0.08, 0.26, 0.1, 0.2, 0.42, 0.75),
    fin(-1.08, 0.12, 0.38, 0.16, 0.24, 0.46, 0.4), engine(0.08, -0.17, 0.42, 0.1), windows(1.14, 0.07, 0.1, 0.08),
  ),
  biplane: () => merge(
    body(0.85, 0.2, 0.6), wing(0.25, 0.36, 0.4, 0.4, 0, 1.05, 0.85), wing(0.25, -0.14, 0.4, 0.4, 0, 1.0, 0.85),
    both(merge(rod([0.32, -0.14, 0.75], [0.32, 0.36, 0.75], 0.025, 0.025, 0.2), rod([0.12, -0.14, 0.75], [0.12, 0.36, 0.75], 0.025, 0.025, 0.2)), 'z'),
    wing(-0.72, 0.05, 0.26, 0.2, 0.03, 0.36, 0.85), fin(-0.7, 0.08, 0.28, 0.2, 0.05, 0.3, 0.85), propeller(0.88, 0, 0, 0.36),
    both(ellipsoid([0.35, -0.42, 0.22], [0.13, 0.13, 0.05], 0.1), 'z'),
  ),
  concorde: () => merge(
    body(1.45, 0.11, 0.95), both(turn(prism([[0.7, 0], [-1, 0], [-1.05, 0.62], [-0.75, 0.66], [0, 0.3]], 0.05, 0.82), 'x', 90), 'z'),
    fin(-0.95, 0.06, 0.5, 0.12, 0.3, 0.36, 0.85), both(box([-0.72, -0.1, 0.3], [0.5, 0.12, 0.2], 0.4), 'z'),
  ),
  fighter: () => merge(
    body(1.15, 0.17, 0.5), wing(-0.2, 0, 0.75, 0.2, 0.35, 0.72, 0.42), wing(-1, 0, 0.34, 0.16, 0.16, 0.4, 0.42),
    both(move(turn(fin(-0.9, 0.1, 0.36, 0.16, 0.2, 0.4, 0.4), 'x', -18), [0, 0, 0.14]), 'z'), ellipsoid([0.5, 0.15, 0], [0.28, 0.11, 0.1], 0.06),
    both(box([0.12, -0.03, 0.2], [0.6, 0.18, 0.12], 0.5), 'z'),
  ),
  glider: () => merge(
    body(0.95, 0.11, 0.97), wing(0.25, 0.06, 0.2, 0.09, 0.03, 1.75, 0.9, 3), fin(-0.88, 0.04, 0.2, 0.14, 0.05, 0.3, 0.9),
    wing(-0.92, 0.33, 0.13, 0.09, 0.02, 0.36, 0.9), windows(0.68, 0.06, 0.2, 0.075),
  ),
  propeller: () => merge(
    body(0.95, 0.2, 0.8), wing(0.2, 0.2, 0.42, 0.3, 0.04, 1.2, 0.55), wing(-0.8, 0.06, 0.26, 0.18, 0.04, 0.42, 0.55),
    fin(-0.78, 0.1, 0.32, 0.18, 0.12, 0.36, 0.55), propeller(0.98, 0, 0, 0.34), windows(0.42, 0.13, 0.22, 0.13),
    both(merge(rod([0.2, -0.1, 0.12], [0.22, -0.36, 0.34], 0.03, 0.03, 0.3), ellipsoid([0.22, -0.42, 0.34], [0.11, 0.11, 0.05], 0.08)), 'z'),
  ),
  seaplane: () => merge(
    body(0.95, 0.18, 0.85), wing(0.15, 0.24, 0.4, 0.34, 0, 1.2, 0.65), engine(0.3, 0.26, 0.5, 0.09), both(propeller(0.48, 0.26, 0.5, 0.22), 'z'),
    wing(-0.8, 0.1, 0.24, 0.18, 0.04, 0.4, 0.65), fin(-0.78, 0.1, 0.32, 0.2, 0.1, 0.4, 0.65),
    both(
      merge(
        ellipsoid([0.1, -0.46, 0.42], [0.72, 0.1, 0.1], 0.45), rod([0.3, -0.1, 0.15], [0.3, -0.42, 0.42], 0.03, 0.03, 0.3),
        rod([-0.1, -0.1, 0.15], [-0.1, -0.42, 0.42], 0.03, 0.03, 0.3),
      ),
      'z',
    ),
  ),
  stealth: () => merge(
    both(turn(prism([[0.75, 0], [-0.35, 0], [-0.6, 0.45], [-0.4, 0.75], [-0.75, 1.45], [-0.45, 1.5]], 0.07, 0.3), 'x', 90), 'z'),
    ellipsoid([0.1, 0.05, 0], [0.6, 0.16, 0.26], 0.35), windows(0.38, 0.14, 0.14, 0.08),
    both(ellipsoid([-0.05, 0.06, 0.36], [0.35, 0.1, 0.12], 0.35), 'z'),
  ),
}
