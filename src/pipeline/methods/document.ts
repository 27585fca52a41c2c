import { activationsSection } from './activations.ts'
import { dataSection } from './data.ts'
import type { MethodsFacts } from './facts.ts'
import type { Line, Section } from './inline.ts'
import { mappingSection } from './mapping.ts'
import { referenceOf } from './references.ts'
import type { Reference } from './references.ts'
import { resultsSection, scoresSection } from './scores.ts'
import { registrationSection, softwareSection, ventralVersion } from './software.ts'
import { validationSection } from './validation.ts'

/** A methods section: what every format writes in its own way. */
export interface MethodsDocument {
  title: string
  sections: Section[]
  /** the works cited, in the order of their keys */
  references: Reference[]
}

const linesOf = ({ blocks }: Section): Line[] => blocks.flatMap((block) => (block.kind === 'list' ? block.lines : [block.line]))

const software = (facts: MethodsFacts): Reference => ({
  key: 'ventral', type: 'misc', author: '{The Ventral developers}', title: 'Ventral: Neural Encoding of the Ventral Visual Stream', year: new Date(facts.finishedAt).getUTCFullYear(), note: `Software, version ${ventralVersion(facts)}`,
}) // prettier-ignore

/** The methods section of a fit. */
export const methodsDocument = (facts: MethodsFacts): MethodsDocument => {
  const sections = [dataSection, activationsSection, mappingSection, validationSection, scoresSection, resultsSection, softwareSection, registrationSection].map((make) => make(facts))
  const cited = sections.flatMap(linesOf).flatMap((one) => one.flatMap((inline) => (inline.kind === 'cite' ? inline.keys : [])))
  const keys = [...new Set(cited)].sort()
  return { title: 'Methods', sections, references: keys.map((key) => (key === 'ventral' ? software(facts) : referenceOf(key))) }
}
