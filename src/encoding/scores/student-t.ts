/** 97.5 % quantiles of Student's t for 1 to 10 degrees of freedom. */
const TABLE = [12.706204736, 4.30265273, 3.182446305, 2.776445105, 2.570581836, 2.446911851, 2.364624252, 2.306004135, 2.262157163, 2.228138852]

/** The 97.5 % quantile of Student's t, to 1e-5: a table, and beyond it the expansion about the normal quantile (Abramowitz & Stegun 26.7.5). */
export const studentT975 = (degrees: number): number => {
  if (degrees <= TABLE.length) return TABLE[degrees - 1]
  const z = 1.959963984540054
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ]
  return z + terms.reduce((sum, term, k) => sum + term / degrees ** (k + 1), 0)
}
