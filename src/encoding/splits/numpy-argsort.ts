const SMALL = 16

/**
 * Indices that sort `values` ascending, ties in the very order of numpy.argsort's default introsort (median of three, insertion sort
 * up to 16 elements). GroupKFold hands its groups out in that order, so that equal-sized groups land in scikit-learn's folds. NumPy's
 * fall-back to heapsort for adversarial input is left out: group sizes do not reach it at any realistic count.
 */
export const numpyArgsort = (values: ArrayLike<number>): Int32Array => {
  const index = Int32Array.from({ length: values.length }, (_, i) => i)
  const swap = (a: number, b: number): void => {
    const kept = index[a]
    index[a] = index[b]
    index[b] = kept
  }
  const partition = (low: number, high: number): number => {
    const middle = low + ((high - low) >> 1)
    if (values[index[middle]] < values[index[low]]) swap(middle, low)
    if (values[index[high]] < values[index[middle]]) swap(high, middle)
    if (values[index[middle]] < values[index[low]]) swap(middle, low)
    const pivot = values[index[middle]]
    let [i, j] = [low, high - 1]
    swap(middle, j)
    for (;;) {
      do i++
      while (values[index[i]] < pivot)
      do j--
      while (pivot < values[index[j]])
      if (i >= j) break
      swap(i, j)
    }
    swap(i, high - 1)
    return i
  }
  const insertion = (low: number, high: number): void => {
    for (let i = low + 1; i <= high; i++) {
      const moved = index[i]
      let j = i
      for (; j > low && values[moved] < values[index[j - 1]]; j--) index[j] = index[j - 1]
      index[j] = moved
    }
  }
  const sort = (low: number, high: number): void => {
    if (high - low <= SMALL) return insertion(low, high)
    const pivot = partition(low, high)
    sort(low, pivot - 1)
    sort(pivot + 1, high)
  }
  sort(0, values.length - 1)
  return index
}
