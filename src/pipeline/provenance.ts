import type { ResolvedFit } from '../domain/fit.ts'
import type { SourceFacts } from './activation-source.ts'
import { BOOTSTRAP } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { engine, versions } from './engine.ts'
import type { OpenDataset } from './open-dataset.ts'

/** Revisions of the formulas a score rests on; a change of one changes the digits of the same request. */
export const formulas = { ridge: 1, correlation: 1, explainedVariance: 1, reliability: 1, bootstrap: 2 }

/** All that is needed to have a score again (DESIGN.md, Provenance). */
export const provenanceOf = (
  { config }: PipelineContext,
  request: ResolvedFit,
  { row, manifest }: OpenDataset,
  [{ id, weights, preprocessing }, ...alongside]: readonly SourceFacts[],
  { started, splitsSha256 }: { started: Date; splitsSha256: string },
): Record<string, unknown> => ({
  versions,
  engine: { ...engine, threads: config.threads },
  dataset: { id: row.id, name: row.name, sha256: row.sha256, source: manifest.source, simulated: manifest.source.simulated === 'true', ...(manifest.normalise == null ? {} : { normalise: manifest.normalise }) },
  backbone: id,
  weights,
  preprocessing,
  pooling: request.pooling,
  ...(alongside.length === 0 ? {} : { alongside: alongside.map((source, i) => ({ name: request.alongside![i].name, ...facts(source) })) }),
  placement: request.placement,
  mapping: request.mapping,
  split: request.split,
  ...(request.reduction ? { reduction: request.reduction } : {}),
  splitsSha256,
  formulas,
  bootstrap: BOOTSTRAP,
  startedAt: started.toISOString(),
  finishedAt: new Date().toISOString(),
})

const facts = ({ id, weights, preprocessing, pooling }: SourceFacts): Record<string, unknown> => ({ backbone: id, weights, preprocessing, pooling })
