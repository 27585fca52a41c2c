import type { ResolvedFit } from '../domain/fit.ts'
import type { SourceFacts } from './activation-source.ts'
import { BOOTSTRAP } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { engineProvenance, versions } from './engine.ts'
import type { SecondEngine } from './engine.ts'
import type { OpenDataset } from './open-dataset.ts'

/** Revisions of the formulas a score rests on; a change of one changes the digits of the same request. */
export const formulas = { ridge: 1, correlation: 1, explainedVariance: 1, reliability: 1, bootstrap: 2, differences: 2 }

/** What the intervals promise, and where simulations (test/encoding/calibration*) show them short or long. */
const INTERVALS =
  '95 %, of the expected score of the fitted models on test folds of as many stimuli (pooledOverFolds: on very many); stimuli are drawn anew, or whole groups where these are held out; models, penalties and choices are not made anew. ' +
  'They cover in 90-98 % of simulated data sets; in 86-93 % over cross-validation folds of models with as many units as stimuli, whose training rows are the test rows of the other folds; those of R² on folds of under 20 stimuli in up to 100 %. ' +
  'p of the median r over a few sites is somewhat too large.'

/** All that is needed to have a score again (DESIGN.md, Provenance). */
export const provenanceOf = (
  { config }: PipelineContext,
  request: ResolvedFit,
  { row, manifest }: OpenDataset,
  [{ id, weights, preprocessing }, ...alongside]: readonly SourceFacts[],
  { started, splitsSha256, computed }: { started: Date; splitsSha256: string; computed: SecondEngine | null },
): Record<string, unknown> => ({
  versions: computed === null ? versions : { ...versions, [computed.package]: computed.version },
  engine: engineProvenance(computed, config.threads),
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
  intervals: INTERVALS,
  startedAt: started.toISOString(),
  finishedAt: new Date().toISOString(),
})

const facts = ({ id, weights, preprocessing, pooling }: SourceFacts): Record<string, unknown> => ({ backbone: id, weights, preprocessing, pooling })
