const Z975 = 1.959963984540054

/**
 * The 95 % interval of a Pearson correlation of `n` independent pairs by Fisher's transformation: tanh(atanh r ± z / √(n - 3)). It needs 4
 * pairs; null with fewer.
 */
export const fisherInterval = (r: number, n: number): [number, number] | null => {
  if (n < 4) return null
  const half = Z975 / Math.sqrt(n - 3)
  return [Math.tanh(Math.atanh(r) - half), Math.tanh(Math.atanh(r) + half)]
}
