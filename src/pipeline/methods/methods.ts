import { getDataset } from '../../storage/repositories/datasets.ts'
import { listWeights } from '../../storage/repositories/weights.ts'
import type { PipelineContext } from '../context.ts'
import { fitScores, succeededFit } from '../fits.ts'
import { readManifest } from '../open-dataset.ts'
import { toBibtex } from './bibtex.ts'
import { methodsDocument } from './document.ts'
import type { MethodsFacts } from './facts.ts'
import { toLatex } from './latex.ts'
import { toMarkdown } from './markdown.ts'

export type MethodsFormat = 'markdown' | 'latex' | 'bibtex'

const factsOf = async (context: PipelineContext, id: string): Promise<MethodsFacts> => {
  const fit = await succeededFit(context, id)
  const [scores, row, weights] = await Promise.all([fitScores(context, id), getDataset(context.db, fit.dataset), listWeights(context.db)])
  const manifest = await readManifest(context, row)
  const { unit, normalise, timeBins, visualDegrees, backgroundRgb, report, stimuli, sites } = manifest
  return {
    fit: id,
    request: fit.request,
    scores,
    dataset: {
      name: row.name, sha256: row.sha256, simulated: manifest.source.simulated === 'true', unit, normalise, timeBins, visualDegrees, backgroundRgb, stimuli: stimuli.length, sites: sites.length,
      repetitions: report.repetitions, duplicates: { exact: report.duplicates.exact.length, near: report.duplicates.near.length },
    },
    weights: Object.fromEntries(weights.map(({ sha256, source, licence }) => [sha256, { source, licence }])),
    finishedAt: fit.finishedAt!,
  } // prettier-ignore
}

/** The methods section of a finished fit in every format. Throws `not-found`, `fit-not-finished`. */
export const fitMethods = async (context: PipelineContext, id: string): Promise<Record<MethodsFormat, string>> => {
  const document = methodsDocument(await factsOf(context, id))
  return { markdown: toMarkdown(document), latex: toLatex(document), bibtex: toBibtex(document) }
}
