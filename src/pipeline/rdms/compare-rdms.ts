import { VentralError } from '../../domain/errors.ts'
import type { ComparedRdm, ComparisonRequest, RdmComparison, RdmComparisonReport } from '../../domain/rdm.ts'
import { pairedDifference } from '../../encoding/differences.ts'
import { bootstrapComparison } from '../../encoding/rsa/bootstrap-rdm.ts'
import { compareRdms as agreement } from '../../encoding/rsa/compare.ts'
import type { Rdm } from '../../encoding/rsa/rdm.ts'
import { interval95About, mean } from '../../encoding/scores/statistics.ts'
import { getRdm } from '../../storage/repositories/rdms.ts'
import type { RdmRow } from '../../storage/repositories/rdms.ts'
import type { PipelineContext } from '../context.ts'
import { invalid } from '../refusals.ts'
import { alignLabels, reordered } from './align.ts'
import type { RdmWork } from './open-representation.ts'
import { ceilingOf } from './rdm-ceiling.ts'
import { decodeRdmFile } from './rdm-file.ts'
import type { RdmValues } from './rdm-file.ts'

/** A request with every default filled in. */
export interface ResolvedComparison {
  a: string[]
  b: string[]
  comparison: RdmComparison
  draws: number
  seed: number
}

const method = 'rows drawn with replacement, pairs of a row with itself left out, 95 %; conditional on the RDMs as they are'
/** Pairs visited in all draws together: some minutes. */
const MAX_VISITS = 5e9

export const resolveComparison = ({ a, b, comparison = 'spearman', draws = 1000, seed = 0 }: ComparisonRequest): ResolvedComparison => {
  const animals = typeof a === 'string' ? [a] : a
  for (const [pointer, ids] of [['/a', animals], ['/b', b]] as const) {
    if (ids.length === 0) throw invalid(pointer, 'at least one RDM', ids)
    const twice = ids.find((id, i) => ids.indexOf(id) !== i)
    if (twice !== undefined) throw invalid(pointer, 'RDMs named once', twice)
  }
  return { a: animals, b, comparison, draws, seed }
}

interface Opened {
  row: RdmRow
  values: RdmValues
}

const open = async (context: PipelineContext, id: string): Promise<Opened> => {
  const row = await getRdm(context.db, id)
  return { row, values: await decodeRdmFile(await context.blobs.read(row.blob)) }
}

/** The same with its rows in the order of the first's. */
const aligned = (first: Opened, { row, values }: Opened, pointer: string): Opened => {
  const order = alignLabels(first.values.labels, values.labels, pointer, `RDM "${row.name}" (${row.id}) by ${row.by}`)
  const reorder = (rdm: Rdm): Rdm => reordered(rdm, order)
  return {
    row,
    values: {
      ...values,
      labels: first.values.labels,
      images: values.images === null ? null : order.map((i) => values.images![i]),
      rdm: reorder(values.rdm),
      animals: values.animals.map(({ animal, rdm }) => ({ animal, rdm: reorder(rdm) })),
    },
  }
}

const imageWarning = (first: Opened, { row, values }: Opened): string[] => {
  const [a, b] = [first.values.images, values.images]
  const other = a === null || b === null ? [] : first.values.labels.filter((_, i) => a[i] !== b[i])
  return other.length === 0 ? [] : [`"${row.name}": ${other.length} stimuli have the ids of those compared with, but other image files (${other.slice(0, 3).join(', ')}${other.length > 3 ? ', …' : ''}).`]
}

const checkWork = (pairs: number, { a, b, comparison, draws }: ResolvedComparison): void => {
  const visits = draws * pairs * a.length * b.length * (comparison === 'kendall' ? Math.ceil(Math.log2(pairs + 1)) : 1)
  if (visits <= MAX_VISITS) return
  const fewer = Math.floor(draws * (MAX_VISITS / visits))
  throw new VentralError('does-not-fit', `${draws} draws of ${pairs} pairs for ${a.length * b.length} comparisons are too many for one request. Ask for ${fewer} draws or fewer, for fewer RDMs, or compare by object.`, [
    { pointer: '/draws', expected: `at most ${fewer}`, found: String(draws) },
  ])
}

interface Scored {
  result: ComparedRdm
  draws: Float64Array
}

const sharedPairs = (x: Rdm, y: Rdm): number => x.values.reduce((count, value, k) => count + Number(!Number.isNaN(value) && !Number.isNaN(y.values[k])), 0)

/** One RDM against the reference: the mean over the RDMs of `a`, and against the animals stored with a single one. */
const score = (references: Opened[], { row, values }: Opened, { comparison, draws, seed }: ResolvedComparison): Scored => {
  const each = references.map((reference) => agreement(reference.values.rdm, values.rdm, comparison))
  const drawn = draws === 0 ? [] : references.map((reference) => bootstrapComparison(reference.values.rdm, values.rdm, comparison, { draws, seed }))
  const value = each.includes(null) ? null : mean(each)
  const total = Float64Array.from({ length: draws }, (_, k) => drawn.reduce((sum, one) => sum + one[k], 0) / drawn.length)
  const own = references.length > 1 ? references.map((reference, i) => ({ animal: reference.row.name, value: each[i] })) : references[0].values.animals.map(({ animal, rdm }) => ({ animal, value: agreement(rdm, values.rdm, comparison) }))
  const { id, name, kind, distance } = row
  return {
    result: {
      id,
      name,
      kind,
      distance,
      value,
      reason: value === null ? 'fewer than 2 pairs have a value in both, or one does not vary' : null,
      interval: draws === 0 ? null : interval95About(value, total),
      pairs: Math.min(...references.map((reference) => sharedPairs(reference.values.rdm, values.rdm))),
      animals: own.length < 2 ? null : { mean: own.some((animal) => animal.value === null) ? null : mean(own.map((animal) => animal.value)), each: own },
    },
    draws: total,
  }
}

const differencesOf = (scored: Scored[]): RdmComparisonReport['differences'] =>
  scored.flatMap((first, i) => scored.slice(i + 1).map((second) => ({ first: first.result.id, second: second.result.id, ...pairedDifference(first.result.value, second.result.value, first.draws, second.draws) })))

/** Compares stored RDMs: rows aligned by label -> agreement with intervals -> ceiling -> paired differences. */
export const compareStored = async (context: PipelineContext, request: ResolvedComparison, { products }: RdmWork): Promise<RdmComparisonReport> => {
  const first = await open(context, request.a[0])
  const references = [first]
  for (const [i, id] of request.a.entries()) if (i > 0) references.push(aligned(first, await open(context, id), `/a/${i}`))
  checkWork(first.values.rdm.values.length, request)
  const scored: Scored[] = []
  const warnings = references.flatMap((reference) => imageWarning(first, reference))
  for (const [i, id] of request.b.entries()) {
    const other = aligned(first, await open(context, id), `/b/${i}`)
    warnings.push(...imageWarning(first, other))
    scored.push(score(references, other, request))
  }
  const { row, values } = first
  const listed = references.length > 1
  const animals = listed ? references.map((reference) => reference.values.rdm) : values.animals.map(({ rdm }) => rdm)
  const { draws, seed, comparison } = request
  return {
    comparison,
    by: row.by,
    n: row.n,
    a: references.map(({ row: { id, name, kind, distance } }) => ({ id, name, kind, distance })),
    results: scored.map(({ result }) => result),
    ceiling: await ceilingOf(context, { of: row.card.of, by: row.by, distance: row.distance, animals, listed }, comparison, products),
    differences: draws === 0 ? [] : differencesOf(scored),
    bootstrap: draws === 0 ? null : { draws, seed, method },
    warnings,
  }
}
