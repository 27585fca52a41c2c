import type { Reference } from './references.ts'

/** Last names: "Hoerl and Kennard", "Wold et al.". */
const surnames = ({ author }: Reference): string => {
  if (author.startsWith('{')) return author.slice(1, -1)
  const last = author.split(' and ').map((one) => one.split(',')[0])
  return last.length > 2 ? `${last[0]} et al.` : last.join(' and ')
}

/** "Hoerl and Kennard, 1970" */
export const shortReference = (reference: Reference): string => `${surnames(reference)}, ${reference.year}`

/** "First Last, First Last, and First Last" */
const people = (author: string): string =>
  author.startsWith('{')
    ? author.slice(1, -1)
    : author
        .split(' and ')
        .map((one) => {
          const [last, ...rest] = one.split(', ')
          // BibTeX's "Last, Jr, First"
          return rest.length === 2 ? `${rest[1]} ${last} ${rest[0]}` : [...rest, last].join(' ')
        })
        .join(', ')

/** A reference as one plain line. */
export const fullReference = (reference: Reference): string => {
  const { author, title, year, journal, booktitle, volume, number, pages, note, doi, eprint, url } = reference
  const place = journal === undefined ? booktitle : `${journal}${volume === undefined ? '' : ` ${volume}${number === undefined ? '' : `(${number})`}`}`
  const parts = [`${people(author)} (${year})`, title, [place, pages].filter((part) => part !== undefined).join(', '), note, doi === undefined ? undefined : `doi:${doi}`, eprint === undefined ? undefined : `arXiv:${eprint}`, url]
  return `${parts.filter((part) => part !== undefined && part !== '').map((part) => part!.replace(/\.$/, '')).join('. ')}.`
}
