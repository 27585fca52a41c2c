/** Order by Unicode code points (Python's `sorted` of strings); JavaScript's own `<` compares UTF-16 units. */
export const compareCodePoints = (a: string, b: string): number => {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // a surrogate stands for a code point above every other UTF-16 unit, yet its own value lies below U+E000
    const xAstral = x >= 0xd800 && x <= 0xdfff
    const yAstral = y >= 0xd800 && y <= 0xdfff
    return xAstral === yAstral ? x - y : xAstral ? 1 : -1
  }
  return a.length - b.length
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

const endOfDigits = (text: string, from: number): number => {
  let i = from
  while (i < text.length && isDigit(text.charCodeAt(i))) i++
  return i
}

/** Compares two runs of digits by value, however long. */
const compareNumerals = (a: string, b: string): number => {
  const x = a.replace(/^0+(?=.)/, '')
  const y = b.replace(/^0+(?=.)/, '')
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0)
}

/** Natural order: runs of digits compare by value (img2 before img10), all else by code point; a tie (img01, img1) by code point. */
export const compareNatural = (a: string, b: string): number => {
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      const iEnd = endOfDigits(a, i)
      const jEnd = endOfDigits(b, j)
      const order = compareNumerals(a.slice(i, iEnd), b.slice(j, jEnd))
      if (order !== 0) return order
      i = iEnd
      j = jEnd
      continue
    }
    const x = String.fromCodePoint(a.codePointAt(i)!)
    const y = String.fromCodePoint(b.codePointAt(j)!)
    if (x !== y) return compareCodePoints(x, y)
    i += x.length
    j += y.length
  }
  return a.length - i - (b.length - j) || compareCodePoints(a, b)
}
