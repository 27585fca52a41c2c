import fs from 'node:fs/promises'
import { VentralError } from '../../domain/errors.ts'
import type { Matrix } from '../../domain/matrix.ts'
import type { PredictedSource } from '../../domain/rdm.ts'
import { decodeNpy, decodeNpyText } from '../../numerics/npy.ts'
import { decodeNpz } from '../../numerics/npz.ts'
import { getDataset } from '../../storage/repositories/datasets.ts'
import type { PipelineContext } from '../context.ts'
import { fitPredictions, getFit } from '../fits.ts'
import { readManifest } from '../open-dataset.ts'
import { imagesOf } from './representation.ts'
import type { Representation } from './representation.ts'

/** Mean over the rows of each stimulus, for the stimuli that have rows, in the order of `stimulusIds`. */
export const meanOfRows = (rowIds: readonly string[], { cols, data }: Matrix, stimulusIds: readonly string[]): { ids: string[]; mean: Matrix } => {
  const rowsOf = Map.groupBy(rowIds.keys(), (row) => rowIds[row])
  const ids = stimulusIds.filter((id) => rowsOf.has(id))
  const mean = new Float64Array(ids.length * cols) // (stimulus x site)
  ids.forEach((id, i) => {
    const rows = rowsOf.get(id)!
    for (const row of rows) for (let j = 0; j < cols; j++) mean[i * cols + j] += data[row * cols + j] / rows.length
  })
  return { ids, mean: { rows: ids.length, cols, data: mean } }
}

/** Held-out predictions of a fit's layer; each stimulus has the mean over the splits that tested it. */
export const heldOutPredictions = async (context: PipelineContext, { fit: id, layer, zscore }: PredictedSource): Promise<Representation> => {
  const { path } = await fitPredictions(context, id, layer)
  const { request, backbone } = await getFit(context, id)
  const row = await getDataset(context.db, request.dataset)
  const manifest = await readManifest(context, row)
  const files = await decodeNpz(await fs.readFile(path), `predictions of ${layer}`, { maxBytes: 2 ** 34 })
  const { shape, data } = decodeNpy(files.get('prediction')!, 'prediction')
  const { values: rowIds } = decodeNpyText(files.get('stimulus_id')!, 'stimulus_id')
  const { values: siteIds } = decodeNpyText(files.get('site_id')!, 'site_id')
  const { ids, mean } = meanOfRows(rowIds, { rows: shape[0], cols: shape[1], data }, manifest.stimuli.map(({ stimulusId }) => stimulusId))
  if (mean.data.some(Number.isNaN))
    throw new VentralError('choose-sites', `Fit "${id}" has no prediction of some sites for some stimuli, which they never saw. Compare the responses with fits of sites that saw all.`, [
      { pointer: '/of/fit', expected: 'a fit whose sites saw every stimulus', found: id },
    ])
  const untested = manifest.stimuli.length - ids.length
  const tested = new Set(ids)
  return {
    kind: 'predicted',
    stimulusIds: ids,
    images: imagesOf(manifest, manifest.stimuli.filter(({ stimulusId }) => tested.has(stimulusId))),
    manifest,
    form: { patterns: mean, trials: null, animals: [], zscore },
    title: `responses predicted from ${backbone} ${layer} for ${row.name}`,
    provenance: {
      fit: id,
      layer,
      backbone,
      mapping: request.mapping,
      split: request.split,
      dataset: { id: row.id, name: row.name, sha256: row.sha256, source: manifest.source, simulated: manifest.source.simulated === 'true' },
      sites: siteIds,
    },
    warnings: untested === 0 ? [] : [`${untested} of ${manifest.stimuli.length} stimuli are left out: no split of the fit tested them.`],
  }
}
