export type Point = readonly [number, number, number]

/** Triangles with a normal and a tone (albedo, 0 black to 1 white) per vertex. x right, y up, z to the viewer. */
export interface Mesh {
  positions: number[]
  normals: number[]
  tones: number[]
  triangles: number[]
}

export const merge = (...meshes: Mesh[]): Mesh => {
  const all: Mesh = { positions: [], normals: [], tones: [], triangles: [] }
  for (const mesh of meshes) {
    const first = all.tones.length
    for (const v of mesh.positions) all.positions.push(v)
    for (const v of mesh.normals) all.normals.push(v)
    for (const v of mesh.tones) all.tones.push(v)
    for (const v of mesh.triangles) all.triangles.push(first + v)
  }
  return all
}

const mapPoints = (values: number[], change: (p: Point) => Point): number[] => {
  const out: number[] = []
  for (let i = 0; i < values.length; i += 3) out.push(...change([values[i], values[i + 1], values[i + 2]]))
  return out
}

export const unit = ([x, y, z]: Point): Point => {
  const length = Math.sqrt(x * x + y * y + z * z) || 1
  return [x / length, y / length, z / length]
}

export const move = (mesh: Mesh, [dx, dy, dz]: Point): Mesh => ({ ...mesh, positions: mapPoints(mesh.positions, ([x, y, z]) => [x + dx, y + dy, z + dz]) })

/** Scales about the origin, normals by the inverse scale. */
export const scale = (mesh: Mesh, [sx, sy, sz]: Point): Mesh => ({
  ...mesh,
  positions: mapPoints(mesh.positions, ([x, y, z]) => [x * sx, y * sy, z * sz]),
  normals: mapPoints(mesh.normals, ([x, y, z]) => unit([x / sx, y / sy, z / sz])),
})

const turned = (axis: 'x' | 'y' | 'z', degrees: number): ((p: Point) => Point) => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  if (axis === 'x') return ([x, y, z]) => [x, c * y - s * z, s * y + c * z]
  if (axis === 'y') return ([x, y, z]) => [c * x + s * z, y, -s * x + c * z]
  return ([x, y, z]) => [c * x - s * y, s * x + c * y, z]
}

/** Turns about an axis through the origin, right-handed, in degrees. */
export const turn = (mesh: Mesh, axis: 'x' | 'y' | 'z', degrees: number): Mesh => {
  const change = turned(axis, degrees)
  return { ...mesh, positions: mapPoints(mesh.positions, change), normals: mapPoints(mesh.normals, change) }
}

/** The mesh and its mirror image in the plane x, y or z = 0. */
export const both = (mesh: Mesh, axis: 'x' | 'y' | 'z'): Mesh =>
  merge(mesh, scale(mesh, [axis === 'x' ? -1 : 1, axis === 'y' ? -1 : 1, axis === 'z' ? -1 : 1]))

/** Centred on the middle of its bounding box and scaled so that the farthest vertex is at distance 1. */
export const normalise = (mesh: Mesh): Mesh => {
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  mesh.positions.forEach((v, i) => {
    low[i % 3] = Math.min(low[i % 3], v)
    high[i % 3] = Math.max(high[i % 3], v)
  })
  const centred = move(mesh, [-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -(low[2] + high[2]) / 2])
  let radius = 0
  for (let i = 0; i < centred.positions.length; i += 3) radius = Math.max(radius, Math.hypot(...centred.positions.slice(i, i + 3)))
  return scale(centred, [1 / radius, 1 / radius, 1 / radius])
}
