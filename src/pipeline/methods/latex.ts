import type { MethodsDocument } from './document.ts'
import type { Block, Inline } from './inline.ts'
import { latexName, latexText } from './latex-text.ts'
import { fullReference } from './reference-text.ts'

const inline = (part: Inline): string => {
  if (part.kind === 'text') return latexText(part.text)
  if (part.kind === 'name') return latexName(part.name)
  if (part.kind === 'math') return `$${part.math}$`
  return `\\cite{${part.keys.join(',')}}`
}

const block = (one: Block): string =>
  one.kind === 'paragraph'
    ? one.line.map(inline).join('').trim()
    : // the empty group keeps a "[" that follows from being read as the item's label
      ['\\begin{itemize}', ...one.lines.map((line) => `\\item{} ${line.map(inline).join('').trim()}`), '\\end{itemize}'].join('\n')

/** A methods section as a LaTeX document in ASCII that compiles by itself; its keys are those of the BibTeX file. */
export const toLatex = ({ title, sections, references }: MethodsDocument): string =>
  [
    '\\documentclass{article}',
    '\\usepackage[T1]{fontenc}',
    '\\begin{document}',
    '',
    `\\section*{${latexText(title)}}`,
    ...sections.flatMap(({ heading, blocks }) => ['', `\\subsection*{${latexText(heading)}}`, ...blocks.flatMap((one) => ['', block(one)])]),
    '',
    '\\begin{thebibliography}{99}',
    ...references.map((reference) => `\\bibitem{${reference.key}} ${latexText(fullReference(reference))}`),
    '\\end{thebibliography}',
    '',
    '\\end{document}',
    '',
  ].join('\n')
