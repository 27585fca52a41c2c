/**
 * Turns scores into softmax probabilities less the true class's 1, in place, and answers the sum of the log losses.
 * `scores` is (class x row), `labels` the rows' classes.
 */
export const softmaxResiduals = (scores: Float64Array, classes: number, labels: Int32Array): number => {
  const n = labels.length
  const largest = new Float64Array(n).fill(-Infinity)
  for (let k = 0; k < classes; k++) for (let i = 0, at = k * n; i < n; i++, at++) if (scores[at] > largest[i]) largest[i] = scores[at]
  let loss = 0
  for (let i = 0; i < n; i++) loss += largest[i] - scores[labels[i] * n + i]
  const totals = new Float64Array(n)
  for (let k = 0; k < classes; k++)
    for (let i = 0, at = k * n; i < n; i++, at++) {
      const e = Math.exp(scores[at] - largest[i])
      scores[at] = e
      totals[i] += e
    }
  for (let i = 0; i < n; i++) {
    loss += Math.log(totals[i])
    totals[i] = 1 / totals[i]
  }
  for (let k = 0; k < classes; k++) for (let i = 0, at = k * n; i < n; i++, at++) scores[at] *= totals[i]
  for (let i = 0; i < n; i++) scores[labels[i] * n + i] -= 1
  return loss
}
