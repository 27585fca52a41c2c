import type { MethodsDocument } from './document.ts'
import type { Block, Inline } from './inline.ts'
import { oneLine } from './latex-text.ts'
import { fullReference, shortReference } from './reference-text.ts'
import type { Reference } from './references.ts'

/** Any text in one line, with nothing left that Markdown would read: no markup, HTML, links or addresses. */
export const markdownText = (text: string): string =>
  oneLine(text)
    .replaceAll(/[\\`*_{}[\]<>#|~$&!@]/g, '\\$&')
    .replaceAll('://', '\\://')
    .replaceAll(/www\./gi, (www) => `${www.slice(0, 3)}\\.`)

/** A name as a code span whose fence is longer than any run of backticks in it. */
export const markdownName = (value: string): string => {
  const text = oneLine(value)
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return text.trim() === '' ? '(empty)' : longest > 0 || text !== text.trim() ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`
}

/** A methods section with its references, as Markdown. */
export const toMarkdown = ({ title, sections, references }: MethodsDocument): string => {
  const byKey = new Map(references.map((reference) => [reference.key, reference]))
  const inline = (part: Inline): string => {
    if (part.kind === 'text') return markdownText(part.text)
    if (part.kind === 'name') return markdownName(part.name)
    if (part.kind === 'math') return `$${part.math}$`
    return `(${part.keys.map((key) => markdownText(shortReference(byKey.get(key)!))).join('; ')})`
  }
  const point = (text: string): string => `- ${text.trim()}`
  const block = (one: Block): string => (one.kind === 'paragraph' ? one.line.map(inline).join('').trim() : one.lines.map((line) => point(line.map(inline).join(''))).join('\n'))
  const reference = (one: Reference): string => point(markdownText(fullReference(one)))
  return [`# ${title}`, ...sections.flatMap(({ heading, blocks }) => [`## ${heading}`, ...blocks.map(block).filter((text) => text !== '')]), '## References', references.map(reference).join('\n'), ''].join('\n\n').trimEnd() + '\n'
}
