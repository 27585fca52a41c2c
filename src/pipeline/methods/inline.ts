/** A part of a line. Texts may carry names that users gave: each format escapes them in its own way. */
export type Inline =
  | { kind: 'text'; text: string }
  /** a name or value as it stands in the data or the request */
  | { kind: 'name'; name: string }
  /** LaTeX mathematics, never with anything of a user's */
  | { kind: 'math'; math: string }
  /** keys of the references */
  | { kind: 'cite'; keys: string[] }

export type Line = Inline[]

/** A paragraph, or a list of points. */
export type Block = { kind: 'paragraph'; line: Line } | { kind: 'list'; lines: Line[] }

export interface Section {
  heading: string
  blocks: Block[]
}

export const name = (value: string | number): Inline => ({ kind: 'name', name: String(value) })
export const math = (value: string): Inline => ({ kind: 'math', math: value })
export const cite = (...keys: string[]): Inline => ({ kind: 'cite', keys })

type Piece = Inline | Line | string | number

const toLine = (piece: Piece): Line => (typeof piece === 'object' ? (Array.isArray(piece) ? piece : [piece]) : piece === '' ? [] : [{ kind: 'text', text: String(piece) }])

/** A line from a template: line`Fitted with ${name(layer)} on ${n} stimuli.` */
export const line = (texts: TemplateStringsArray, ...pieces: Piece[]): Line => texts.flatMap((text, i) => [...toLine(text), ...(i < pieces.length ? toLine(pieces[i]) : [])])

/** Lines one after the other as one. */
export const join = (lines: readonly Line[], between = ' '): Line => lines.flatMap((one, i) => (i === 0 ? one : [...toLine(between), ...one]))

export const names = (values: readonly (string | number)[]): Line => join(values.map((value) => [name(value)]), ', ')

export const paragraph = (...lines: Line[]): Block => ({ kind: 'paragraph', line: join(lines.filter((one) => one.length > 0)) })

export const list = (lines: Line[]): Block => ({ kind: 'list', lines })

/** A number with its noun, in the plural where it takes one. */
export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`

/** A score with three digits. */
export const digits = (value: number | null): string => (value === null ? 'undefined' : value.toFixed(3))

/** Fields of a request that no sentence speaks of, each as it was set: what is new is told all the same. */
export const otherFields = (value: object, told: readonly string[]): Line[] =>
  Object.entries(value).flatMap(([key, setting]) => (told.includes(key) || setting === undefined ? [] : [line`${name(key)} = ${name(JSON.stringify(setting))}`]))
