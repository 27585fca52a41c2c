import type { Mesh, Point } from './mesh.ts'
import { unit } from './mesh.ts'

/** Where and how an object stands in the picture. Positions and radius as fractions of the picture's side, angles in degrees. */
export interface Pose {
  x: number
  y: number
  radius: number
  /** about the vertical axis, then tilt to the viewer, then in the picture's plane */
  yaw: number
  pitch: number
  roll: number
}

/** One object drawn: luminance x coverage, and coverage, per pixel of a (side x side) picture. */
export interface Drawing {
  light: Float32Array
  coverage: Float32Array
}

const SUPER = 2 // sub-pixels per pixel and axis: the edges' antialiasing
const EYE = 4.5 // distance of the eye in object radii: a weak perspective

/** Rotation matrix of a pose, row-major. */
const rotation = (pose: Pose): number[] => {
  const [a, b, c] = [pose.yaw, pose.pitch, pose.roll].map((degrees) => (degrees * Math.PI) / 180)
  const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)]
  return [cc * ca - sc * sb * sa, -sc * cb, cc * sa + sc * sb * ca, sc * ca + cc * sb * sa, cc * cb, sc * sa - cc * sb * ca, -cb * sa, sb, cb * ca]
}

/** Draws a mesh (of radius 1 about the origin) with a z-buffer, interpolated normals, one lamp, a sky and a highlight. Two-sided. */
export const rasterise = (mesh: Mesh, pose: Pose, lamp: Point, side: number): Drawing => {
  const wide = side * SUPER
  const m = rotation(pose)
  const count = mesh.tones.length
  const screen = new Float64Array(count * 3) // x, y in sub-pixels; 1 / distance from the eye, which unlike depth is linear on the screen
  const normals = new Float64Array(count * 3)
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [mesh.positions[3 * i], mesh.positions[3 * i + 1], mesh.positions[3 * i + 2]]
    const [nx, ny, nz] = [mesh.normals[3 * i], mesh.normals[3 * i + 1], mesh.normals[3 * i + 2]]
    const depth = m[6] * x + m[7] * y + m[8] * z
    const size = (pose.radius * wide * EYE) / (EYE - depth)
    screen[3 * i] = pose.x * wide + size * (m[0] * x + m[1] * y + m[2] * z)
    screen[3 * i + 1] = pose.y * wide - size * (m[3] * x + m[4] * y + m[5] * z)
    screen[3 * i + 2] = 1 / (EYE - depth)
    for (let k = 0; k < 3; k++) normals[3 * i + k] = m[3 * k] * nx + m[3 * k + 1] * ny + m[3 * k + 2] * nz
  }

  const nearness = new Float32Array(wide * wide) // 1 / distance; 0 where nothing is
  const shades = new Float32Array(wide * wide)
  const [lx, ly, lz] = unit(lamp)
  const [hx, hy, hz] = unit([lx, ly, lz + 1]) // half way between lamp and viewer
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const a = 3 * mesh.triangles[t]
    const b = 3 * mesh.triangles[t + 1]
    const c = 3 * mesh.triangles[t + 2]
    const ax = screen[a]
    const ay = screen[a + 1]
    const bx = screen[b]
    const by = screen[b + 1]
    const cx = screen[c]
    const cy = screen[c + 1]
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if (Math.abs(area) < 1e-9) continue
    const bStepX = (cy - ay) / area
    const bStepY = (ax - cx) / area
    const cStepX = (ay - by) / area
    const cStepY = (bx - ax) / area
    const x0 = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5))
    const x1 = Math.min(wide - 1, Math.floor(Math.max(ax, bx, cx) - 0.5))
    const y0 = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5))
    const y1 = Math.min(wide - 1, Math.floor(Math.max(ay, by, cy) - 0.5))
    for (let py = y0; py <= y1; py++) {
      for (let px = x0; px <= x1; px++) {
        const x = px + 0.5 - ax
        const y = py + 0.5 - ay
        const wb = x * bStepX + y * bStepY
        const wc = x * cStepX + y * cStepY
        const wa = 1 - wb - wc
        if (wa < -1e-9 || wb < -1e-9 || wc < -1e-9) continue
        const z = wa * screen[a + 2] + wb * screen[b + 2] + wc * screen[c + 2]
        if (z <= nearness[py * wide + px]) continue
        nearness[py * wide + px] = z
        let nx = wa * normals[a] + wb * normals[b] + wc * normals[c]
        let ny = wa * normals[a + 1] + wb * normals[b + 1] + wc * normals[c + 1]
        let nz = wa * normals[a + 2] + wb * normals[b + 2] + wc * normals[c + 2]
        const length = (nz < 0 ? -1 : 1) * (Math.sqrt(nx * nx + ny * ny + nz * nz) || 1)
        nx /= length
        ny /= length
        nz /= length
        const lit = Math.max(0, nx * lx + ny * ly + nz * lz)
        const gleam = (nx * hx + ny * hy + nz * hz) ** 2
        const gleam8 = gleam * gleam * gleam * gleam
        const shine = gleam8 * gleam8 * gleam8
        shades[py * wide + px] = mesh.tones[a / 3] * (0.22 + 0.14 * ny + 0.74 * lit) + 0.16 * shine
      }
    }
  }
  return shrink(nearness, shades, side)
}

/** Mean of the sub-pixels. */
const shrink = (nearness: Float32Array, shades: Float32Array, side: number): Drawing => {
  const drawing = { light: new Float32Array(side * side), coverage: new Float32Array(side * side) }
  const wide = side * SUPER
  for (let y = 0; y < wide; y++) {
    const row = Math.floor(y / SUPER) * side
    for (let x = 0; x < wide; x++) {
      if (nearness[y * wide + x] === 0) continue
      const pixel = row + Math.floor(x / SUPER)
      drawing.light[pixel] += shades[y * wide + x] / (SUPER * SUPER)
      drawing.coverage[pixel] += 1 / (SUPER * SUPER)
    }
  }
  return drawing
}
