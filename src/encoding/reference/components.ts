import type { Matrix as MlMatrix } from 'ml-matrix'
import { PCA } from 'ml-pca'

/** Singular values under this share of the largest are rounding. */
const NULL_SHARE = 1e-10

/** Scores of training rows and of others on the largest principal components of the training rows, by ml-pca's SVD. */
export const referenceComponents = (X: MlMatrix, other: MlMatrix, components: number): { X: MlMatrix; other: MlMatrix } => {
  const pca = new PCA(X, { method: 'SVD', center: true, scale: false })
  const deviations = pca.getStandardDeviations()
  const kept = Math.max(1, Math.min(components, deviations.filter((sd) => sd > NULL_SHARE * deviations[0]).length))
  return { X: pca.predict(X.clone(), { nComponents: kept }), other: other.rows === 0 ? other : pca.predict(other.clone(), { nComponents: kept }) }
}
