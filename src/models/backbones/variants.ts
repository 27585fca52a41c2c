import { VentralError } from '../../domain/errors.ts'
import type { LayerGraph } from '../graph.ts'
import { nearest } from '../nearest-names.ts'

// A backbone that is a family of circuits is named with what differs from its published form: `cornet_s+times=1-2-4-4+skip=off`. The
// characters are left alone by shells, addresses and lists with commas.

/** Values by parameter, each as the one text that spells it. */
export type Values = Readonly<Record<string, string>>

/** One thing in which a family's circuits differ. */
export interface Parameter {
  name: string
  /** what it varies */
  meaning: string
  /** which texts it takes, in words */
  accepted: string
  /** the value where none is said; it may depend on the parameters before it */
  usual: (chosen: Values) => string
  /** whether the text is a value, spelled as values are */
  accepts: (text: string, chosen: Values) => boolean
}

/** A backbone with parameters. `build` gets a value for each. */
export interface Family {
  parameters: readonly Parameter[]
  build: (id: string, values: Values) => LayerGraph
}

const isWhole = (text: string, least: number, most: number): boolean => /^(0|[1-9]\d{0,8})$/.test(text) && Number(text) >= least && Number(text) <= most

export const choice = (name: string, meaning: string, options: readonly string[]): Parameter => ({
  name,
  meaning,
  accepted: options.length === 2 ? options.join(' or ') : `one of ${options.join(', ')}`,
  usual: () => options[0],
  accepts: (text) => options.includes(text),
})

export const wholeNumber = (name: string, meaning: string, { least, most, usual }: { least: number; most: number; usual: number }): Parameter => ({
  name,
  meaning,
  accepted: `a whole number from ${least} to ${most}`,
  usual: () => String(usual),
  accepts: (text) => isWhole(text, least, most),
})

/** Whole numbers with hyphens between them, as many as the usual value has. `each` tells more of what may stand at a place. */
export const series = (
  name: string, meaning: string, limits: { least: number; most: number; usual: (chosen: Values) => readonly number[]; of: string; odd?: boolean },
): Parameter => ({
  name,
  meaning,
  accepted: `${limits.of}, ${limits.odd ? 'odd' : 'whole'} numbers from ${limits.least} to ${limits.most} with hyphens between them`,
  usual: (chosen) => limits.usual(chosen).join('-'),
  accepts: (text, chosen) => {
    const numbers = text.split('-')
    return numbers.length === limits.usual(chosen).length && numbers.every((number) => isWhole(number, limits.least, limits.most) && (!limits.odd || Number(number) % 2 === 1))
  },
})

export const numbersOf = (text: string): number[] => text.split('-').map(Number)

/** The values of a family's published form. */
export const usualValues = ({ parameters }: Pick<Family, 'parameters'>): Values =>
  parameters.reduce<Values>((values, { name, usual }) => ({ ...values, [name]: usual(values) }), {})

const refused = (id: string, pointer: string, sentence: string, expected: string, found: string): VentralError =>
  new VentralError('invalid-value', `${id.slice(0, 200)}: ${sentence}`, [{ pointer, expected, found }])

/** What was said, by parameter. */
const readSaid = (id: string, parts: readonly string[], parameters: readonly Parameter[], pointer: string): Map<string, string> => {
  const names = parameters.map(({ name }) => name)
  const said = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    const [name, text] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
    if (!names.includes(name)) throw refused(id, pointer, `there is no parameter "${name}", the nearest is ${nearest(name, names, 1)[0]}; it has ${names.join(', ')}.`, `one of ${names.join(', ')}`, name)
    if (said.has(name)) throw refused(id, pointer, `${name} is said twice.`, `${name} once`, part)
    said.set(name, text)
  }
  return said
}

/**
 * The circuit that a name means and the one name that it goes by: parameters in their own order, without those that have their usual
 * value. `parts` is what stands between the name's plus signs after the family's own id. VentralError invalid-value.
 */
export const readVariant = (base: string, parts: readonly string[], { parameters }: Family, pointer: string): { id: string; values: Values } => {
  const said = readSaid([base, ...parts].join('+'), parts, parameters, pointer)
  const values: Record<string, string> = {}
  const differing: string[] = []
  for (const { name, accepted, usual, accepts } of parameters) {
    const standard = usual(values)
    const text = said.get(name) ?? standard
    if (!accepts(text, values)) throw refused([base, ...parts].join('+'), pointer, `${name} takes ${accepted}; as in "${name}=${standard}".`, accepted, `${name}=${text}`)
    values[name] = text
    if (text !== standard) differing.push(`${name}=${text}`)
  }
  return { id: [base, ...differing].join('+'), values }
}
