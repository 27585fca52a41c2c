import type { MethodsDocument } from './document.ts'
import { latexText } from './latex-text.ts'
import type { Reference } from './references.ts'

/** A field's text in ASCII; each accented letter in braces of its own, as BibTeX wants it. */
const text = (value: string): string => latexText(value).replaceAll(/\\[`'^"~=.uvHcdkbr]\{[^{}]*\}/g, '{$&}')

const authors = (author: string): string => (author.startsWith('{') ? `{${text(author.slice(1, -1))}}` : text(author))

const entry = ({ key, type, author, title, year, ...fields }: Reference): string => {
  const { pages, doi, eprint, url, ...plain } = fields
  const lines: [string, string | undefined][] = [
    ['author', authors(author)],
    // The second braces keep the capitals of the title.
    ['title', `{${text(title)}}`],
    ['year', String(year)],
    ...Object.entries(plain).map(([field, value]): [string, string] => [field, text(value)]),
    ['pages', pages?.replace('-', '--')],
    // Addresses are not LaTeX: nothing in them is escaped.
    ['doi', doi],
    ['eprint', eprint],
    ['archivePrefix', eprint === undefined ? undefined : 'arXiv'],
    ['url', url],
  ]
  return `@${type}{${key},\n${lines.flatMap(([field, value]) => (value === undefined ? [] : [`  ${field} = {${value}},`])).join('\n')}\n}\n`
}

/** The works that a methods section cites, as a BibTeX file in ASCII. */
export const toBibtex = ({ references }: MethodsDocument): string => references.map(entry).join('\n')
