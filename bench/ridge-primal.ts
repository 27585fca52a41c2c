// Ridge in primal form by leave-one-out against scikit-learn's RidgeCV, which does the same, one thread; penalties that X'X serves for (others take the slower QR and SVD).
//   npm run bench:ridge-primal -- [ROUNDS]
import { fitRidgePrimal } from '../src/encoding/primal/ridge-primal.ts'
import { sideBySide } from './activations.ts'
import { describeMachine, median, runPeer, say, secondsOf } from './measure.ts'

const [n, p, m] = [2560, 1000, 168]
const alphas = Array.from({ length: 10 }, (_, i) => 10 ** i)
const ROUNDS = Number(process.argv[2] ?? 5)

describeMachine()
await sideBySide([n, p, m], (X) => ({ ...X, data: Float64Array.from(X.data) }), async ({ X, Y, files, tools }) => {
  const train = Int32Array.from({ length: n }, (_, i) => i)
  const own: number[] = []
  let chosen: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    own.push(
      await secondsOf(async () => {
        const fit = await fitRidgePrimal({ X, Y, train, inner: 'loo', alphas, alphaUnits: 'absolute', alphaPer: 'site' }, tools)
        chosen = [...new Set(fit.alphas)].sort((a, b) => a - b)
      }),
    )
  const peer = runPeer<{ seconds: number[]; alphas: number[] }>('sklearn_ridge_loo.py', [...files, ROUNDS, ...alphas], 1)
  say(`ridge, leave one out, ${alphas.length} alphas, one per site, ${n} x ${p} x ${m}, float64: ${median(own).toFixed(2)} s; alphas chosen ${chosen.join(', ')}`)
  say(`  scikit-learn RidgeCV(alpha_per_target): ${median(peer.seconds).toFixed(2)} s: ${(median(peer.seconds) / median(own)).toFixed(2)}x; alphas chosen ${peer.alphas.join(', ')}`)
})
