const special: Record<string, string> = {
  '\\': '\\textbackslash{}', '{': '\\{', '}': '\\}', '%': '\\%', '&': '\\&', '#': '\\#', '$': '\\$', '_': '\\_', '^': '\\textasciicircum{}', '~': '\\textasciitilde{}',
  '<': '\\textless{}', '>': '\\textgreater{}', '|': '\\textbar{}', '"': '\\symbol{34}', '`': '\\symbol{96}',
  '–': '--', '—': '---', '…': '\\ldots{}', '‘': '`', '’': "'", '“': '``', '”': "''", '×': '\\ensuremath{\\times}', '°': '\\ensuremath{^\\circ}', 'µ': '\\ensuremath{\\mu}', '±': '\\ensuremath{\\pm}',
  '−': '\\ensuremath{-}', '≤': '\\ensuremath{\\le}', '≥': '\\ensuremath{\\ge}', '→': '\\ensuremath{\\to}', '²': '\\ensuremath{^2}', '√': '\\ensuremath{\\surd}', '·': '\\ensuremath{\\cdot}',
  'ß': '\\ss{}', 'æ': '\\ae{}', 'Æ': '\\AE{}', 'œ': '\\oe{}', 'Œ': '\\OE{}', 'ø': '\\o{}', 'Ø': '\\O{}', 'ł': '\\l{}', 'Ł': '\\L{}', 'ı': '\\i{}', 'đ': '\\dj{}', 'Đ': '\\DJ{}', 'ð': '\\dh{}', 'þ': '\\th{}',
} // prettier-ignore

const greek = 'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma sigma tau upsilon phi chi psi omega'.split(' ')
greek.forEach((letter, i) => {
  special[String.fromCodePoint(0x3b1 + i)] = `\\ensuremath{${letter === 'o' ? 'o' : `\\${letter}`}}`
})

/** Accents that LaTeX puts over or under the letter that follows. */
const accents: Record<string, string> = {
  '\u0300': '`', '\u0301': "'", '\u0302': '^', '\u0303': '~', '\u0304': '=', '\u0306': 'u', '\u0307': '.', '\u0308': '"', '\u030a': 'r', '\u030b': 'H', '\u030c': 'v', '\u0323': 'd', '\u0327': 'c', '\u0328': 'k', '\u0331': 'b',
} // prettier-ignore

/** Runs of white space and control characters, which would break a line or hide in it, as one space. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')

const character = (c: string): string => special[c] ?? (/^[ -~]$/.test(c) ? c : `[U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)

/**
 * Any text as LaTeX in plain ASCII, which every engine compiles: special characters escaped, accents as commands, and characters that
 * LaTeX's own fonts lack by their code point.
 */
export const latexText = (text: string): string => {
  let out = ''
  for (const [cluster] of oneLine(text).normalize('NFC').matchAll(/\P{M}\p{M}*|\p{M}/gu)) {
    const [base, ...marks] = special[cluster] === undefined ? cluster.normalize('NFD') : cluster
    if ("-',".includes(base) && out.endsWith(base)) out += '{}' // two of them would become another character
    out += marks.reduce((letter, mark) => (accents[mark] === undefined ? letter + character(mark) : `\\${accents[mark]}{${letter}}`), character(base))
  }
  return out
}

/** A name in typewriter letters; long hexadecimal numbers may break. */
export const latexName = (value: string): string => `\\texttt{${latexText(value).replaceAll(/[0-9a-f]{8}(?=[0-9a-f]{8})/g, '$&\\allowbreak{}')}}`
