import { VentralError } from '../domain/errors.ts'

export interface NumberArray {
  shape: readonly number[]
  data: Float64Array
}

/** float32 distances of the same pair, computed in two orders, differ by less. */
const SYMMETRY = 1e-5
/** A vector of 3 is more likely a colour, or a point. */
const LEAST_VECTOR = 6

/** Sides above 1 of an array: two equal ones are a square, one is a vector. */
const sidesOf = (shape: readonly number[]): number[] => shape.filter((side) => side !== 1)

/** n of the n (n - 1) / 2 pairs of a triangle, or null. */
const rowsOfTriangle = (pairs: number): number | null => {
  const n = Math.round((1 + Math.sqrt(1 + 8 * pairs)) / 2)
  return (n * (n - 1)) / 2 === pairs && n >= 3 ? n : null
}

const invalid = (where: string, detail: string, expected: string, found: string): VentralError => new VentralError('invalid-value', `${where}: ${detail}`, [{ pointer: where, expected, found }])

/** Why a square array is no RDM, or null. */
const faultOfSquare = (n: number, data: Float64Array): { detail: string; expected: string; found: string } | null => {
  let largest = 0
  for (const x of data) if (Math.abs(x) > largest) largest = Math.abs(x)
  for (let i = 0; i < n; i++) {
    const own = data[i * n + i]
    if (!Number.isNaN(own) && Math.abs(own) > SYMMETRY * largest)
      return { detail: `row ${i + 1} is ${own} from itself; an RDM has zeros on its diagonal. Of similarities r, send 1 - r.`, expected: '0 on the diagonal', found: String(own) }
    for (let j = i + 1; j < n; j++) {
      const [a, b] = [data[i * n + j], data[j * n + i]]
      if (Math.abs(a - b) > SYMMETRY * largest || Number.isNaN(a) !== Number.isNaN(b))
        return { detail: `row ${i + 1} is ${a} from row ${j + 1}, and ${b} the other way round; an RDM is symmetric.`, expected: 'a symmetric array', found: `${a} and ${b}` }
    }
  }
  return null
}

/** Whether an array can be an RDM: square, symmetric and 0 on the diagonal, or as long as a triangle. */
export const looksLikeRdm = ({ shape, data }: NumberArray): boolean => {
  const sides = sidesOf(shape)
  if (sides.length === 2 && sides[0] === sides[1] && sides[0] >= 3) return faultOfSquare(sides[0], data) === null
  return sides.length === 1 && sides[0] >= LEAST_VECTOR && rowsOfTriangle(sides[0]) !== null
}

/** The upper triangle of a square or triangular array. Throws `count-mismatch` for another shape, `invalid-value` for what no RDM can hold. */
export const checkedTriangle = ({ shape, data }: NumberArray, where: string): { n: number; values: Float64Array } => {
  const sides = sidesOf(shape)
  const n = sides.length === 1 ? rowsOfTriangle(sides[0]) : sides.length === 2 && sides[0] === sides[1] && sides[0] >= 3 ? sides[0] : null
  if (n === null)
    throw new VentralError('count-mismatch', `${where} has the shape ${shape.join(' x ')}; an RDM is square with at least 3 rows, or the vector of its n (n - 1) / 2 pairs.`, [
      { pointer: where, expected: 'n x n', found: shape.join(' x ') },
    ])
  const infinite = data.find((x) => x === Infinity || x === -Infinity)
  if (infinite !== undefined) throw invalid(where, 'an RDM may lack values (NaN), but not hold infinity.', 'finite numbers or NaN', String(infinite))
  if (sides.length === 1) return { n, values: data.slice() }
  const fault = faultOfSquare(n, data)
  if (fault !== null) throw invalid(where, fault.detail, fault.expected, fault.found)
  const values = new Float64Array((n * (n - 1)) / 2)
  for (let i = 0, place = 0; i < n; i++) for (let j = i + 1; j < n; j++, place++) values[place] = data[i * n + j]
  return { n, values }
}
