/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054

/** Wilson's 95 % interval of a share (Wilson 1927; Brown, Cai & DasGupta 2001, eq. 4), within [0, 1] also for shares of 0 and 1. */
export const wilsonInterval = (successes: number, n: number): [number, number] => {
  const share = successes / n
  const centre = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n)
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2))
  return [successes === 0 ? 0 : centre - half, successes === n ? 1 : centre + half]
}
