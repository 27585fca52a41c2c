interface Bucket {
  tokens: number
  /** when they were counted, in ms */
  at: number
}

export interface TokenBuckets {
  /** Takes a token of the bucket of that name: 0, or where there is none the seconds until there is. */
  take: (name: string) => number
  /** The same without taking one. */
  wait: (name: string) => number
}

/** A bucket is made when it is first taken from; so many at once are looked through for those that are full again, which say nothing. */
const SWEEP_AT = 10_000

/** Token buckets by name: `burst` at once, and `perSecond` over any longer time. In this process only. */
export const createTokenBuckets = ({ perSecond, burst, now = () => performance.now() }: { perSecond: number; burst: number; now?: () => number }): TokenBuckets => {
  const buckets = new Map<string, Bucket>()
  const tokensOf = ({ tokens, at }: Bucket): number => Math.min(burst, tokens + ((now() - at) / 1000) * perSecond)
  const sweep = (): void => {
    for (const [name, bucket] of buckets) if (tokensOf(bucket) >= burst) buckets.delete(name)
  }
  const count = (name: string): number => {
    const bucket = buckets.get(name)
    return bucket === undefined ? burst : tokensOf(bucket)
  }
  const waitFor = (tokens: number): number => (tokens >= 1 ? 0 : (1 - tokens) / perSecond)
  return {
    wait: (name) => waitFor(count(name)),
    take: (name) => {
      const tokens = count(name)
      if (tokens < 1) return waitFor(tokens)
      if (!buckets.has(name) && buckets.size >= SWEEP_AT) sweep()
      buckets.set(name, { tokens: tokens - 1, at: now() })
      return 0
    },
  }
}
