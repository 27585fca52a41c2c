import type { NoiseEstimate, RdmDistance, RdmRequest, RdmSummary, Source } from '../../domain/rdm.ts'
import { percentiles } from '../../encoding/rsa/rdm.ts'
import type { Rdm } from '../../encoding/rsa/rdm.ts'
import type { RdmCard } from '../../storage/repositories/rdms.ts'
import type { PipelineContext } from '../context.ts'
import { engine, versions } from '../engine.ts'
import { invalid } from '../refusals.ts'
import { distancesOf } from './distances.ts'
import { comparedRows } from './group-representation.ts'
import { openRepresentation } from './open-representation.ts'
import type { RdmWork } from './open-representation.ts'
import { resolveSource } from './resolve-source.ts'

/** Revisions of the formulas; a change of one changes the digits of the same request. */
const formulas = { rdm: 1 }

/** An RDM that is not stored yet. */
export interface MadeRdm {
  summary: Pick<RdmSummary, 'name' | 'kind' | 'n' | 'by' | 'distance'>
  dataset: string | null
  card: RdmCard
  /** upper triangles */
  rdm: Rdm
  percentiles: Rdm
  animals: { animal: string; rdm: Rdm }[]
  /** sha256 of each row's image, where a row is one */
  images: string[] | null
}

const namesOf = (labels: readonly string[]): string => `${labels.slice(0, 5).join(', ')}${labels.length > 5 ? ', …' : ''}`

/** How many pairs have no value, and a sentence about the rows that have none with any other. */
export const undefinedPairs = ({ n, values }: Rdm, labels: readonly string[]): { count: number; warnings: string[] } => {
  const count = values.reduce((sum, x) => sum + Number(Number.isNaN(x)), 0)
  if (count === 0) return { count, warnings: [] }
  const defined = new Uint8Array(n)
  for (let i = 0, place = 0; i < n; i++)
    for (let j = i + 1; j < n; j++, place++) if (!Number.isNaN(values[place])) defined[i] = defined[j] = 1
  const rows = labels.filter((_, i) => defined[i] === 0)
  return { count, warnings: [`${count} of ${values.length} pairs have no value${rows.length === 0 ? '' : `: the patterns of ${namesOf(rows)} do not vary, or were not given`}.`] }
}

const distanceName = (distance: RdmDistance, zscored: boolean): string => `${distance}${zscored ? ', sites z-scored' : ''}`

const zscored = (source: Source): boolean => source.kind !== 'activations' && source.zscore

/** What POST /rdms asks for with every default filled in. */
export interface ResolvedRdm {
  of: Source
  distance: RdmDistance
  noise: NoiseEstimate
  by: string
  name: string | null
}

/** Refuses what cannot be before anything is opened. */
export const resolveRdm = ({ of, distance = 'pearson', noise, by = 'stimulus', name }: RdmRequest): ResolvedRdm => {
  if (noise !== undefined && distance !== 'crossnobis') throw invalid('/noise', 'said with "crossnobis" only', noise)
  return { of: resolveSource(of), distance, noise: noise ?? 'none', by, name: name ?? null }
}

/** An RDM as POST /rdms asks for it: representation -> means by group -> distances -> percentiles. */
export const makeRdm = async (context: PipelineContext, { of, distance, noise, by, name }: ResolvedRdm, work: RdmWork): Promise<MadeRdm> => {
  const { source, representation } = await openRepresentation(context, of, work)
  const compared = comparedRows(representation, by)
  const { rdm, animals } = await distancesOf(compared, distance, noise, work.tools)
  const { labels, images } = compared
  const undefinedOnes = undefinedPairs(rdm, labels)
  return {
    summary: { name: name ?? representation.title, kind: source.kind, n: rdm.n, by, distance },
    dataset: representation.provenance.dataset === undefined ? null : (representation.provenance.dataset as { id: string }).id,
    card: {
      labels,
      of: source,
      undefinedPairs: undefinedOnes.count,
      animals: animals.map(({ animal }) => animal),
      warnings: [...representation.warnings, ...undefinedOnes.warnings],
      provenance: {
        versions,
        engine: { ...engine, threads: context.config.threads },
        ...representation.provenance,
        distance: distanceName(distance, zscored(source)),
        ...(distance === 'crossnobis' ? { noise } : {}),
        formulas,
      },
    },
    rdm,
    percentiles: percentiles(rdm),
    animals,
    images,
  }
}
