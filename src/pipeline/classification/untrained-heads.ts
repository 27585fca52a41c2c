import type { ChanceAccuracy, UntrainedHeads } from '../../domain/classification.ts'
import { rankOfClass, topShares } from '../../encoding/classification/accuracy.ts'
import type { Labelled } from '../../encoding/classification/choose-penalty.ts'
import { mean } from '../../encoding/scores/statistics.ts'
import { studentT975 } from '../../encoding/scores/student-t.ts'
import { torchDefault } from '../../models/init-rules.ts'
import { randomParams } from '../../models/initialise.ts'
import type { Products } from '../../numerics/products.ts'

const HEADS = 100
/** Rows that are scored at once. */
const BLOCK_ROWS = 4096

const summary = (shares: readonly number[]): ChanceAccuracy => {
  const centre = mean(shares)!
  const sd = Math.sqrt(shares.reduce((sum, share) => sum + (share - centre) ** 2, 0) / (shares.length - 1))
  const half = (studentT975(shares.length - 1) * sd) / Math.sqrt(shares.length)
  return { mean: centre, interval: [centre - half, centre + half], lowest: Math.min(...shares), highest: Math.max(...shares) }
}

/** Ranks under one linear layer as PyTorch makes it: weights and biases uniform within 1 / √units. */
const ranksUnder = async ({ X, labels }: Labelled, classes: number, seed: number, head: number, { f32 }: Pick<Products, 'f32'>): Promise<Int32Array> => {
  const { weight, bias } = torchDefault([classes, X.cols])
  const [weights, biases] = [`head ${head}.weight`, `head ${head}.bias`]
  const drawn = randomParams(
    {
      params: [
        { name: weights, shape: [classes, X.cols], kind: 'weight', init: weight },
        { name: biases, shape: [classes], kind: 'bias', init: bias },
      ],
    },
    seed,
  )
  const b = drawn.get(biases)!
  const ranks = new Int32Array(X.rows)
  for (let from = 0; from < X.rows; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, X.rows)
    const rows = { rows: to - from, cols: X.cols, data: X.data.subarray(from * X.cols, to * X.cols) }
    const { data } = await f32(rows, { rows: classes, cols: X.cols, data: drawn.get(weights)! }, { transB: true }) // (row x class)
    for (let i = from, at = 0; i < to; i++, at += classes) {
      const scores = data.subarray(at, at + classes)
      for (let k = 0; k < classes; k++) scores[k] += b[k]
      ranks[i] = rankOfClass(scores, labels[i])
    }
  }
  return ranks
}

/** The control of a trained head: many heads that nobody trained, on the same test images. */
export const untrainedHeads = async (test: Labelled, classes: number, seed: number, products: Pick<Products, 'f32'>, { onStep, signal }: { onStep: (done: number, of: number) => void; signal?: AbortSignal }): Promise<UntrainedHeads> => {
  const shares: ReturnType<typeof topShares>[] = []
  for (let head = 0; head < HEADS; head++) {
    signal?.throwIfAborted()
    shares.push(topShares(await ranksUnder(test, classes, seed, head, products), classes))
    onStep(head + 1, HEADS)
  }
  const tellsFive = shares[0].top5 !== null
  return {
    heads: HEADS,
    seed,
    chance: { top1: 1 / classes, top5: tellsFive ? 5 / classes : null },
    top1: summary(shares.map(({ top1 }) => top1)),
    top5: tellsFive ? summary(shares.map(({ top5 }) => top5!)) : null,
  }
}
