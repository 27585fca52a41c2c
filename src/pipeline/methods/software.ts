import type { MethodsFacts } from './facts.ts'
import { cite, count, join, line, list, name, names, otherFields, paragraph } from './inline.ts'
import type { Line, Section } from './inline.ts'

/** Fields of the request that other sections speak of. */
const told = ['dataset', 'backbone', 'weights', 'seed', 'layers', 'pooling', 'alongside', 'mapping', 'split', 'sites', 'controls', 'alsoBy', 'groupDuplicates', 'placement', 'encoder', 'selectBy', 'protocol', 'reduction', 'permutations', 'layerFrom', 'engine']

/** Versions, engine, seeds and everything of the request that no other section speaks of. */
export const softwareSection = (facts: MethodsFacts): Section => {
  const { provenance } = facts.scores
  const versions = Object.entries((provenance.versions ?? {}) as Record<string, string>).filter(([key]) => key !== 'ventral')
  const { name: engine, version, threads, products, ...machine } = (provenance.engine ?? {}) as Record<string, unknown>
  const others = otherFields(facts.request, told)
  return {
    heading: 'Software',
    blocks: [
      paragraph(
        line`Ventral ${name(ventralVersion(facts))} ${cite('ventral')} on ${join(versions.map(([key, value]) => line`${name(`${key} ${value}`)}`), ', ')}.`,
        line`Networks ran on ${engineName(engine, version)} with ${typeof threads === 'number' ? count(threads, 'thread') : 'an unknown number of threads'} (${names(Object.entries(machine).map(([key, value]) => `${key}: ${String(value)}`))}).`,
        ...(products === undefined ? [] : [line`Products of matrices are by ${engineName((products as Record<string, unknown>).name, (products as Record<string, unknown>).version)}.`]),
        line`Fit ${name(facts.fit)}, seed ${facts.request.seed}, finished ${facts.finishedAt}.`,
      ),
      ...(others.length === 0 ? [] : [paragraph(line`Further settings of the request:`), list(others)]),
    ],
  }
}

const engineName = (engine: unknown, version: unknown): Line => line`${name(`${String(engine)} ${String(version)}`)} ${engine === 'onnxruntime-node' ? cite('onnxruntime') : engine === 'tfjs' ? cite('smilkov2019tfjs') : ''}`

export const ventralVersion = ({ scores }: MethodsFacts): string => (scores.provenance.versions as Record<string, string> | undefined)?.ventral ?? 'unknown'

/** What was registered before the fit, and every deviation from it. */
export const registrationSection = ({ scores: { registration } }: MethodsFacts): Section => {
  if (!registration) return { heading: 'Registration', blocks: [paragraph(line`The analysis was not registered before it was run.`)] }
  const { id, sha256, registeredAt, run, deviations } = registration
  const deviation = ({ pointer, registered, used }: (typeof deviations)[number]): Line =>
    pointer === '/run' ? line`this is run ${run} under the registration` : line`${name(pointer)}: registered ${name(JSON.stringify(registered))}, used ${name(JSON.stringify(used))}`
  return {
    heading: 'Registration',
    blocks: [
      paragraph(
        line`The resolved request with the sha256 of data and weights and all versions was frozen ${registeredAt}, before anything was fitted (registration ${name(id)}, sha256 ${name(sha256)}).`,
        deviations.length === 0 ? line`There were no deviations.` : line`Deviations:`,
      ),
      ...(deviations.length === 0 ? [] : [list(deviations.map(deviation))]),
    ],
  }
}
