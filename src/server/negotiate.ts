interface Range {
  range: string
  quality: number
}

const parse = (accept: string): Range[] =>
  accept.split(',').map((part) => {
    const [range, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    const quality = parameters.map((parameter) => /^q=([01](?:\.\d{0,3})?)$/.exec(parameter)?.[1]).find((q) => q !== undefined)
    return { range, quality: quality === undefined ? 1 : Number(quality) }
  })

/** How exactly a range names a type: 2 itself, 1 its group, 0 anything; -1 not at all. */
const precision = (range: string, type: string): number => (range === type ? 2 : range === `${type.split('/')[0]}/*` ? 1 : range === '*/*' ? 0 : -1)

/** Of the media types offered the one that an Accept header likes best (RFC 9110); the first where it likes none, or several as much. */
export const preferred = (accept: string | undefined, offered: readonly string[]): string => {
  const ranges = parse(accept ?? '*/*')
  const likes = offered.map((type) => {
    const matching = ranges.map(({ range, quality }) => ({ quality, exact: precision(range, type) })).filter(({ exact }) => exact >= 0)
    return matching.reduce((best, one) => (one.exact > best.exact ? one : best), { quality: 0, exact: -1 }).quality
  })
  return offered[likes.indexOf(Math.max(...likes))]
}
