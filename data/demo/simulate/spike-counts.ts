import type { RandomStream } from '../random.ts'

/** Marsaglia and Tsang's gamma sampler; shapes under 1 by boosting. */
const gamma = (shape: number, stream: RandomStream): number => {
  if (shape < 1) return gamma(shape + 1, stream) * (1 - stream.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = stream.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - stream.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Knuth's Poisson sampler, in parts so that exp(-mean) does not vanish. */
const poisson = (mean: number, stream: RandomStream): number => {
  let count = 0
  for (let rest = mean; rest > 0; rest -= 300) {
    const limit = Math.exp(-Math.min(rest, 300))
    for (let product = stream.uniform(); product > limit; product *= stream.uniform()) count++
  }
  return count
}

const binomial = (trials: number, p: number, stream: RandomStream): number => {
  let count = 0
  for (let i = 0; i < trials; i++) if (stream.uniform() < p) count++
  return count
}

/**
 * A spike count with exactly the given mean and variance `fano` x mean. Over-dispersed: negative binomial (a Poisson count of gamma mean).
 * Under-dispersed: binomial(n, p) + Poisson(mean - n p), whose variance is mean - n p^2, with n the least integer that leaves p <= 1.
 */
export const spikeCount = (mean: number, fano: number, stream: RandomStream): number => {
  if (mean === 0) return 0
  if (fano === 1) return poisson(mean, stream)
  if (fano > 1) return poisson(gamma(mean / (fano - 1), stream) * (fano - 1), stream)
  const trials = Math.ceil((1 - fano) * mean)
  const p = Math.sqrt(((1 - fano) * mean) / trials)
  if (trials * p > mean) throw new RangeError(`no count has mean ${mean} and Fano factor ${fano}: the mean must be at least ${1 - fano}`)
  return binomial(trials, p, stream) + poisson(mean - trials * p, stream)
}
