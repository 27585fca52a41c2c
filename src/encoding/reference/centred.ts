import { Matrix as MlMatrix } from 'ml-matrix'
import type { Matrix } from '../../domain/matrix.ts'

/** Rows of a matrix as an ml-matrix of their own. */
export const takeRows = ({ cols, data }: Matrix, rows: ArrayLike<number>): MlMatrix => {
  const out = new MlMatrix(rows.length, cols)
  for (let i = 0; i < rows.length; i++) for (let k = 0; k < cols; k++) out.set(i, k, data[rows[i] * cols + k])
  return out
}

/** The training part of an explicit problem about its means, and test rows about the same. All are copies: ml-pls writes into what it is given. */
export interface Centred {
  /** (training row x dimension) */
  X: MlMatrix
  /** (training row x site) */
  Y: MlMatrix
  meanY: number[]
  /** other rows of the same activations, (row x dimension) */
  other: MlMatrix
}

/** Centres activations and responses on the training rows. */
export const centred = (X: MlMatrix, Y: MlMatrix, other: MlMatrix): Centred => {
  const [meanX, meanY] = [X.mean('column'), Y.mean('column')]
  return { X: X.clone().subRowVector(meanX), Y: Y.clone().subRowVector(meanY), meanY, other: other.rows === 0 ? other : other.clone().subRowVector(meanX) }
}
