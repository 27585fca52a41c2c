import { merge, move, turn, unit } from './mesh.ts'
import type { Mesh, Point } from './mesh.ts'

const cross = (a: Point, b: Point): Point => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]

/** A surface given by a function of (u, v) in [0,1]^2; normals by central differences (their sign does not matter: shading is two-sided). */
export const surface = (at: (u: number, v: number) => Point, nu: number, nv: number, tone: number): Mesh => {
  const mesh: Mesh = { positions: [], normals: [], tones: [], triangles: [] }
  const step = 1e-4
  for (let i = 0; i <= nu; i++) {
    for (let j = 0; j <= nv; j++) {
      // At a pole one derivative vanishes: look a little inside instead.
      const [u, v] = [Math.min(Math.max(i / nu, 3e-3), 1 - 3e-3), Math.min(Math.max(j / nv, 3e-3), 1 - 3e-3)]
      mesh.positions.push(...at(i / nu, j / nv))
      mesh.normals.push(...unit(cross(minus(at(u + step, v), at(u - step, v)), minus(at(u, v + step), at(u, v - step)))))
      mesh.tones.push(tone)
      if (i === nu || j === nv) continue
      const a = i * (nv + 1) + j
      mesh.triangles.push(a, a + 1, a + nv + 1, a + 1, a + nv + 2, a + nv + 1)
    }
  }
  return mesh
}

/** A flat convex polygon. */
export const polygon = (points: Point[], tone: number): Mesh => {
  const normal = unit(cross(minus(points[1], points[0]), minus(points[2], points[0])))
  const triangles: number[] = []
  for (let i = 2; i < points.length; i++) triangles.push(0, i - 1, i)
  return { positions: points.flat(), normals: points.flatMap(() => normal), tones: points.map(() => tone), triangles }
}

/** A convex outline in the plane z = 0, drawn out to +-depth/2 and narrowed to `taper` on the +z side. */
export const prism = (outline: (readonly [number, number])[], depth: number, tone: number, taper = 1): Mesh => {
  const front = outline.map(([x, y]): Point => [x * taper, y * taper, depth / 2])
  const back = outline.map(([x, y]): Point => [x, y, -depth / 2])
  const sides = outline.map((_, i) => {
    const next = (i + 1) % outline.length
    return polygon([back[i], back[next], front[next], front[i]], tone)
  })
  return merge(polygon(front, tone), polygon(back, tone), ...sides)
}

/** A box of the given size about `centre`. `top` scales its upper face in (x, z). */
export const box = (centre: Point, size: Point, tone: number, top: readonly [number, number] = [1, 1]): Mesh => {
  const [hx, hy, hz] = [size[0] / 2, size[1] / 2, size[2] / 2]
  const low: Point[] = [[-hx, -hy, -hz], [hx, -hy, -hz], [hx, -hy, hz], [-hx, -hy, hz]]
  const high = low.map(([x, , z]): Point => [x * top[0], hy, z * top[1]])
  const sides = [0, 1, 2, 3].map((i) => polygon([low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i]], tone))
  return move(merge(polygon(low, tone), polygon(high, tone), ...sides), centre)
}

const bent = (value: number, exponent: number): number => Math.sign(value) * Math.abs(value) ** exponent

/** An ellipsoid; `square` < 1 makes it boxy (a superellipsoid). */
export const ellipsoid = (centre: Point, radii: Point, tone: number, square = 1): Mesh =>
  surface((u, v) => {
    const [a, b] = [(v - 0.5) * Math.PI, u * 2 * Math.PI]
    const ring = bent(Math.cos(a), square)
    return [
      centre[0] + radii[0] * ring * bent(Math.cos(b), square), centre[1] + radii[1] * bent(Math.sin(a), square),
      centre[2] + radii[2] * ring * bent(Math.sin(b), square),
    ]
  }, 20, 14, tone)

/** A surface of revolution about y through (radius, height) points. */
export const lathe = (profile: (readonly [number, number])[], tone: number, squash = 1): Mesh => {
  const last = profile.length - 1
  const along = (v: number): readonly [number, number] => {
    const place = Math.min(Math.max(v, 0), 1) * last
    const i = Math.min(Math.floor(place), last - 1)
    const t = place - i
    return [profile[i][0] * (1 - t) + profile[i + 1][0] * t, profile[i][1] * (1 - t) + profile[i + 1][1] * t]
  }
  return surface((u, v) => {
    const [r, y] = along(v)
    return [r * Math.cos(u * 2 * Math.PI), y, squash * r * Math.sin(u * 2 * Math.PI)]
  }, 22, last * 2, tone)
}

/** A round bar from one point to another, from radius `r0` to `r1`, closed at both ends. */
export const rod = (from: Point, to: Point, r0: number, r1: number, tone: number): Mesh => {
  const axis = minus(to, from)
  const length = Math.hypot(...axis)
  const upright = lathe([[0, 0], [r0, 0], [r1, length], [0, length]], tone)
  const tilt = (Math.acos(axis[1] / length) * 180) / Math.PI
  const heading = (Math.atan2(axis[0], axis[2]) * 180) / Math.PI
  return move(turn(turn(upright, 'x', tilt), 'y', heading), from)
}

/** A tube along a path (0..1 -> point) with a radius that varies along it; the section lies across the path's tangent. */
export const tube = (path: (v: number) => Point, radius: (v: number) => number, tone: number): Mesh =>
  surface((u, v) => {
    const [p, tangent] = [path(v), unit(minus(path(v + 1e-3), path(v - 1e-3)))]
    const side = unit(cross(tangent, Math.abs(tangent[1]) < 0.95 ? [0, 1, 0] : [1, 0, 0]))
    const up = cross(side, tangent)
    const [c, s] = [radius(v) * Math.cos(u * 2 * Math.PI), radius(v) * Math.sin(u * 2 * Math.PI)]
    return [p[0] + c * side[0] + s * up[0], p[1] + c * side[1] + s * up[1], p[2] + c * side[2] + s * up[2]]
  }, 12, 18, tone)

/** A wheel: a flat cylinder whose axle points along z. */
export const wheel = (centre: Point, radius: number, width: number, tone: number): Mesh =>
  merge(
    rod([centre[0], centre[1], centre[2] - width / 2], [centre[0], centre[1], centre[2] + width / 2], radius, radius, tone),
    rod(
      [centre[0], centre[1], centre[2] - width * 0.52], [centre[0], centre[1], centre[2] + width * 0.52], radius * 0.5, radius * 0.5,
      Math.min(1, tone + 0.5),
    ),
  )

export const ball = (centre: Point, radius: number, tone: number): Mesh => ellipsoid(centre, [radius, radius, radius], tone)

export { both, merge, move, scale, turn } from './mesh.ts'
export type { Mesh, Point } from './mesh.ts'
