import { both, box, ellipsoid, merge, move, prism, rod, wheel } from '../render/solids.ts'
import type { Mesh } from '../render/solids.ts'

type Outline = (readonly [number, number])[]

const wheels = (places: number[], radius: number, half: number): Mesh => both(merge(...places.map((x) => wheel([x, -0.28, half], radius, 0.16, 0.08))), 'z')

/** The same side view drawn out across the car and narrowed towards both flanks. */
const shell = (outline: Outline, half: number, tone: number, narrow = 0.97): Mesh => both(move(prism(outline, half, tone, narrow), [0, 0, half / 2]), 'z')

const lamps = (x: number, y: number, half: number): Mesh => both(ellipsoid([x, y, half * 0.7], [0.05, 0.07, 0.09], 1), 'z')

/** Lower body by length, height and bonnet; glass and roof above it. */
const car = (length: number, height: number, roof: Outline, half: number, tone: number, wheelRadius = 0.22): Mesh =>
  merge(
    shell(
      [[-length, -0.25], [length, -0.25], [length * 1.02, -0.05], [length * 0.9, height * 0.75], [-length * 0.95, height], [-length * 1.02, 0]], half,
      tone,
    ),
    shell(roof, half * 0.92, 0.14, 0.86),
    shell(
      roof.map(([x, y]) => [x * 0.9, y + 0.015] as const).filter(([, y]) => y > height + 0.1).concat([
        [roof[1][0] * 0.9, roof[2][1] - 0.06], [roof[0][0] * 0.9, roof[2][1] - 0.06],
      ]),
      half * 0.8, tone, 0.9,
    ),
    wheels([-length * 0.62, length * 0.62], wheelRadius, half * 0.95),
    lamps(length * 0.97, 0.06, half),
  )

const cabin = (from: number, to: number, low: number, high: number, rake: number): Outline => [
  [from, low], [to, low], [to - rake, high], [from + rake * 0.6, high],
]

export const cars: Record<string, () => Mesh> = {
  beetle: () =>
    merge(
      both(ellipsoid([0, 0.06, 0], [0.68, 0.52, 0.44], 0.75, 0.9), 'z'), ellipsoid([0, 0.26, 0], [0.46, 0.28, 0.45], 0.12),
      ellipsoid([0.62, -0.05, 0], [0.38, 0.26, 0.36], 0.7), ellipsoid([-0.6, -0.05, 0], [0.4, 0.28, 0.38], 0.7), wheels([-0.6, 0.6], 0.23, 0.4),
      lamps(0.92, 0.02, 0.36),
    ),
  bus: () =>
    merge(
      box([0, 0.25, 0], [2.2, 0.98, 0.7], 0.85), box([0, 0.46, 0], [2.12, 0.34, 0.72], 0.12), box([0, 0.1, 0], [2.22, 0.08, 0.73], 0.5),
      wheels([-0.7, 0.72], 0.21, 0.34), lamps(1.1, -0.08, 0.34),
    ),
  convertible: () =>
    merge(
      shell([[-1, -0.25], [1, -0.25], [1.02, -0.02], [0.85, 0.12], [0.3, 0.18], [-0.95, 0.18], [-1.02, 0]], 0.42, 0.8),
      box([-0.2, 0.18, 0], [0.85, 0.06, 0.62], 0.1), rod([0.32, 0.16, -0.36], [0.14, 0.42, -0.32], 0.03, 0.03, 0.5),
      rod([0.32, 0.16, 0.36], [0.14, 0.42, 0.32], 0.03, 0.03, 0.5), both(box([-0.4, 0.28, 0.18], [0.12, 0.24, 0.22], 0.55), 'z'),
      wheels([-0.62, 0.64], 0.22, 0.4), lamps(0.97, 0.04, 0.42),
    ),
  hatchback: () => car(0.82, 0.14, cabin(-0.8, 0.42, 0.1, 0.5, 0.3), 0.4, 0.6),
  jeep: () =>
    merge(
      box([0, 0.02, 0], [1.6, 0.36, 0.76], 0.55), box([-0.25, 0.42, 0], [1.05, 0.46, 0.7], 0.14), box([-0.25, 0.68, 0], [1.08, 0.06, 0.74], 0.55),
      wheels([-0.52, 0.54], 0.27, 0.4), wheel([-0.88, 0.15, 0], 0.02, 0.02, 0.1), lamps(0.8, 0.06, 0.38),
      box([0.84, -0.12, 0], [0.08, 0.1, 0.8], 0.2),
    ),
  pickup: () =>
    merge(
      box([0, -0.06, 0], [2.1, 0.3, 0.74], 0.65), both(box([-0.6, 0.16, 0.34], [0.9, 0.18, 0.06], 0.65), 'z'),
      box([-1.03, 0.16, 0], [0.06, 0.18, 0.72], 0.65), shell(cabin(-0.15, 0.62, 0.06, 0.5, 0.2), 0.34, 0.14, 0.9),
      box([0.2, 0.5, 0], [0.42, 0.06, 0.6], 0.65), wheels([-0.65, 0.66], 0.24, 0.37), lamps(1.04, 0, 0.36),
    ),
  sedan: () => car(1.02, 0.12, cabin(-0.72, 0.5, 0.08, 0.44, 0.34), 0.41, 0.72),
  van: () =>
    merge(
      shell([[-1, -0.25], [1, -0.25], [1.02, 0.1], [0.68, 0.62], [-0.98, 0.66]], 0.38, 0.92),
      shell([[0.3, 0.2], [0.86, 0.2], [0.62, 0.56], [0.3, 0.56]], 0.385, 0.12, 1), wheels([-0.62, 0.64], 0.22, 0.37), lamps(1, 0, 0.36),
    ),
}
