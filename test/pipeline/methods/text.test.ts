import fc from 'fast-check'
import t from 'tap'
import { latexName, latexText } from '../../../src/pipeline/methods/latex-text.ts'
import { markdownName, markdownText } from '../../../src/pipeline/methods/markdown.ts'

t.test('LaTeX: what is special to it is escaped, letters keep their accents', async (t) => {
  const cases: [string, string][] = [
    ['50% of a_b & c#1 {x} $y$ ~z ^w', '50\\% of a\\_b \\& c\\#1 \\{x\\} \\$y\\$ \\textasciitilde{}z \\textasciicircum{}w'],
    ['\\input{/etc/passwd}', '\\textbackslash{}input\\{/etc/passwd\\}'],
    ['Dupré, Gaël, Öst, Łódź, Åbo, Çelik, Nguyễn', "Dupr\\'{e}, Ga\\\"{e}l, \\\"{O}st, \\L{}\\'{o}d\\'{z}, \\r{A}bo, \\c{C}elik, Nguy\\~{\\^{e}}n"],
    ['α = 1 µm ≥ 0', '\\ensuremath{\\alpha} = 1 \\ensuremath{\\mu}m \\ensuremath{\\ge} 0'],
    ['猫 🐱 \u{202e}evil', '[U+732B] [U+1F431] evil'],
    ["a--b ''c'' ,,d", "a-{}-b '{}'c'{}' ,{},d"],
    ['line\nbreak\u0000 \u2028x\t', 'line break x '],
    ['e\u0301', "\\'{e}"],
    ['\u0301x', '[U+0301]x'],
  ]
  for (const [text, latex] of cases) t.equal(latexText(text), latex)
  t.equal(latexName('ab'.repeat(16)), `\\texttt{${Array(4).fill('abababab').join('\\allowbreak{}')}}`)
})

t.test('LaTeX of any text is plain ASCII with nothing special left bare, and its braces balance', async () => {
  const bare = /\\(?:textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar|symbol|ensuremath|ldots|ss|ae|AE|oe|OE|o|O|l|L|i|dj|DJ|dh|th)\{|\\[%&#$_{}]|\\[`'^~=u."rHvdckb]\{/g
  const depth = (latex: string): number => [...latex.replaceAll(/\\[{}]/g, '')].reduce((level, c) => (level < 0 ? level : c === '{' ? level + 1 : c === '}' ? level - 1 : level), 0)
  fc.assert(
    fc.property(fc.string({ unit: fc.oneof(fc.constantFrom(...'\\{}%&#$_^~<>|"`\'-,éŁß\u0301α猫\n'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), maxLength: 30 }), (text) => {
      const latex = latexText(text)
      const math = latex.replaceAll(/\\ensuremath\{(?:\\[A-Za-z]+|\^\\circ|\^2|[-o])\}/g, '')
      return /^[ -~]*$/.test(latex) && depth(latex) === 0 && !/[%&#$_^~<>|"`\\]/.test(math.replaceAll(bare, ''))
    }),
    { numRuns: 500 },
  )
})

t.test('Markdown: nothing of a text is markup', async (t) => {
  const cases: [string, string][] = [
    ['*a* _b_ `c` <img src=x onerror=y>', '\\*a\\* \\_b\\_ \\`c\\` \\<img src=x onerror=y\\>'],
    ['[x](javascript:y) ![z](w)', '\\[x\\](javascript:y) \\!\\[z\\](w)'],
    ['http://a.b www.c.d me@e.f', 'http\\://a.b www\\.c.d me\\@e.f'],
    ['a\n# b\n\n- c', 'a \\# b - c'],
    ['&lt; $x$ | ~~y~~ \\', '\\&lt; \\$x\\$ \\| \\~\\~y\\~\\~ \\\\'],
  ]
  for (const [text, markdown] of cases) t.equal(markdownText(text), markdown)
})

t.test('Markdown: a name is one code span, whatever it holds', async (t) => {
  t.equal(markdownName('features.2'), '`features.2`')
  t.equal(markdownName('a`b``c'), '``` a`b``c ```')
  t.equal(markdownName(' x\n\n# y'), '`  x # y `')
  t.equal(markdownName('\n'), '(empty)')
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '\n', '<'), minLength: 1, maxLength: 12 }), (text) => {
      const span = markdownName(text)
      if (text.trim() === '') return span === '(empty)'
      const fence = /^`+/.exec(span)![0]
      const inside = span.slice(fence.length, -fence.length)
      // CommonMark: the span ends at the first run of as many backticks, and loses one space at both ends where both have one.
      const ended = [...inside.matchAll(/`+/g)].some(([run]) => run.length === fence.length)
      const shown = inside.startsWith(' ') && inside.endsWith(' ') && inside.trim() !== '' ? inside.slice(1, -1) : inside
      return span.endsWith(fence) && !inside.startsWith('`') && !inside.endsWith('`') && !ended && shown === text.replaceAll(/\s+/g, ' ')
    }),
  )
})
