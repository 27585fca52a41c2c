import { both, box, ellipsoid, lathe, merge, move, rod, tube, turn } from '../render/solids.ts'
import type { Mesh } from '../render/solids.ts'

interface Look {
  width: number
  jaw: number
  nose: number
  eyes: number
  brow: number
  mouth: number
  tone: number
  hair: Mesh[]
}

/** A head that looks along +z. */
const head = (look: Look): Mesh =>
  merge(
    ellipsoid([0, 0.12, -0.06], [look.width, 0.86, 0.78], look.tone),
    ellipsoid([0, -0.38, 0.03], [look.width * look.jaw, 0.56, 0.57], look.tone),
    rod([0, -0.6, -0.15], [0, -1.15, -0.2], 0.34, 0.4, look.tone * 0.9),
    ellipsoid([0, -0.14, 0.72], [0.11, 0.13, 0.13 + look.nose], look.tone * 1.05),
    rod([0, 0.15, 0.7], [0, -0.12, 0.74 + look.nose * 0.6], 0.05, 0.1, look.tone * 1.05),
    both(ellipsoid([0.28, 0.14, 0.62], [0.15, 0.1 * look.eyes, 0.1], 1), 'x'),
    both(ellipsoid([0.28, 0.14, 0.7], [0.07, 0.075 * look.eyes, 0.05], 0.02), 'x'),
    both(turn(box([0.29, 0.33, 0.66], [0.3, look.brow, 0.12], 0.15), 'z', 3), 'x'),
    ellipsoid([0, -0.52, 0.6], [look.mouth, 0.045, 0.09], 0.22),
    ellipsoid([0, -0.6, 0.59], [look.mouth * 0.8, 0.06, 0.09], look.tone * 0.7),
    both(ellipsoid([look.width, 0, -0.05], [0.1, 0.22, 0.14], look.tone * 0.85), 'x'),
    ...look.hair,
  )

const cap = (tone: number, drop = 0, thick = 0.08): Mesh => merge(ellipsoid(
  [0, 0.42 - drop * 0.2, -0.2], [0.72 + thick, 0.58 + thick, 0.76 + thick * 0.6], tone,
))
const plain: Look = { width: 0.68, jaw: 0.85, nose: 0.08, eyes: 1, brow: 0.06, mouth: 0.22, tone: 0.72, hair: [] }

export const faces: Record<string, () => Mesh> = {
  afro: () => head({ ...plain, width: 0.66, tone: 0.5, hair: [ellipsoid([0, 0.5, -0.28], [1.02, 0.88, 0.85], 0.12, 0.95)] }),
  bald: () => head({ ...plain, width: 0.72, brow: 0.1, nose: 0.14, jaw: 0.95 }),
  bearded: () => head({ ...plain, brow: 0.1, tone: 0.66, hair: [
    cap(0.25), ellipsoid([0, -0.72, 0.12], [0.56, 0.46, 0.5], 0.2, 0.9), ellipsoid([0, -0.4, 0.64], [0.3, 0.06, 0.1], 0.2),
  ] }),
  bobbed: () => head({ ...plain, width: 0.63, jaw: 0.78, eyes: 1.25, mouth: 0.17, tone: 0.8, hair: [
    cap(0.1), both(ellipsoid([0.66, -0.1, -0.15], [0.2, 0.7, 0.5], 0.1, 0.8), 'x'), box([0, 0.52, 0.52], [0.95, 0.2, 0.3], 0.1),
  ] }),
  glasses: () => head({ ...plain, width: 0.62, nose: 0.12, hair: [
    cap(0.45), both(tube((v) => [0.29 + 0.21 * Math.cos(6.2832 * v), 0.13 + 0.19 * Math.sin(6.2832 * v), 0.8], () => 0.035, 0.03), 'x'),
    rod([-0.1, 0.15, 0.82], [0.1, 0.15, 0.82], 0.03, 0.03, 0.03),
  ] }),
  hatted: () => head({ ...plain, nose: 0.1, jaw: 0.9, hair: [
    move(lathe([[0, 0.55], [0.6, 0.52], [0.68, 0], [1.15, -0.03], [1.15, -0.08], [0.66, -0.08]], 0.2), [0, 0.5, -0.1]),
    move(lathe([[0.69, 0.14], [0.7, 0]], 0.85), [0, 0.52, -0.1]),
  ] }),
  longhaired: () => head({ ...plain, width: 0.62, jaw: 0.74, eyes: 1.2, mouth: 0.16, brow: 0.04, tone: 0.84, hair: [
    cap(0.55), both(ellipsoid([0.62, -0.45, -0.2], [0.24, 1.0, 0.42], 0.55, 0.8), 'x'),
  ] }),
  mohawk: () => head({ ...plain, width: 0.66, jaw: 0.95, brow: 0.09, tone: 0.6, hair: [-60, -35, -10, 15, 40].map((a) => turn(
    rod([0, 0.75, 0], [0, 1.35, 0], 0.17, 0.05, 0.15), 'x', a,
  )) }),
}
