import { openAsBlob } from 'node:fs'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { encodeStimulus } from '../../../data/demo/encode-stimulus.ts'
import { generateDemo } from '../../../data/demo/generate.ts'
import type { DemoFiles } from '../../../data/demo/generate.ts'
import { planStimuli } from '../../../data/demo/stimulus-plan.ts'
import { sha256OfFile } from '../../datasets/source-file.ts'
import type { DatasetSummary } from '../../domain/dataset.ts'
import type { FitRequest } from '../../domain/fit.ts'
import type { Aggregate, FitScores } from '../../domain/fit-scores.ts'
import type { Prediction } from '../../pipeline/predict.ts'
import type { FitView } from '../../pipeline/fits.ts'
import { canonicalSha256 } from '../../storage/repositories/idempotency.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { print, printJson, printTable, score } from '../output.ts'
import { createProgress } from '../progress-bar.ts'
import { waitForFit } from '../wait-for-fit.ts'
import { UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const random = (backbone: string, layers: string[]): Omit<FitRequest, 'dataset'> => ({ backbone, weights: 'random', seed: 0, layers, pooling: { grid: 4 }, encoder: 'best' })

const requests: Omit<FitRequest, 'dataset'>[] = [
  { backbone: 'pixels', layers: ['pixels'], pooling: { grid: 28 }, encoder: 'none' },
  random('squeezenet1_1', ['features.2', 'features.5', 'features.8', 'features.12']),
  random('cornet_z', ['V1', 'V2', 'V4', 'IT'].map((area) => `${area}.output-t0`)),
]

/** Draws the demo's data into a work folder and imports it. Its key is that of its content, so that a second run finds what the first one made. */
const importDemo = async (client: Client, call: Call): Promise<DatasetSummary> => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'ventral-demo-'))
  const progress = createProgress({ quiet: call.json })
  try {
    const files = await generateDemo(folder, { threads: call.config.threads, onProgress: progress.show, signal: call.signal })
    const key = `demo-${await sha256OfFile(files.stimuliZip)}-${(await sha256OfFile(files.responses)).slice(0, 16)}`
    return await client.json<DatasetSummary>('/datasets', { method: 'POST', body: await formOf(files), idempotencyKey: key })
  } finally {
    progress.stop()
    await fs.rm(folder, { recursive: true, force: true })
  }
}

const formOf = async ({ fields, source, ...files }: DemoFiles): Promise<FormData> => {
  const form = new FormData()
  for (const [field, value] of Object.entries({ ...fields, ...source })) form.set(field, value)
  for (const [field, file] of Object.entries({ stimuli: files.stimuliZip, responses: files.responses, metadata: files.metadata, sites: files.sites }))
    form.set(field, await openAsBlob(file), path.basename(file))
  return form
}

interface Fitted {
  view: FitView
  scores: FitScores
}

const fitAll = async (client: Client, dataset: DatasetSummary, call: Call): Promise<Fitted[]> => {
  const fitted: Fitted[] = []
  for (const request of requests) {
    const { id } = await client.json<FitView>('/fit', { method: 'POST', json: { dataset: dataset.id, ...request }, idempotencyKey: `demo-${dataset.id}-${canonicalSha256(request)}` })
    const view = await waitForFit(client, id, call)
    fitted.push({ view, scores: await client.json<FitScores>(`/fits/${id}/scores`) })
  }
  return fitted
}

const interval = (value: number | null, { interval }: Aggregate): string => (interval === null ? score(value) : `${score(value)} [${score(interval[0])}, ${score(interval[1])}]`)

/** A row per layer: r and EV on images held out, EV on whole objects and categories held out. */
const printTableOfLayers = (fitted: Fitted[]): void => {
  const columns = Object.keys(fitted[0].scores.generalisation)
  printTable(
    ['backbone (random weights)', 'layer', 'r, images held out', 'EV, images held out', ...columns.map((column) => `EV, ${column} held out`)],
    fitted.flatMap(({ view, scores }) =>
      scores.layers.map(({ layer, correlation, explainedVariance }, k) => [
        view.backbone === 'pixels' ? 'pixels (no network)' : view.backbone,
        layer,
        interval(correlation.median, correlation),
        interval(explainedVariance.mean, explainedVariance),
        ...columns.map((column) => {
          const { explainedVariance: held } = scores.generalisation[column].layers[k]
          return interval(held.mean, held)
        }),
      ]),
    ),
  )
}

const predictOne = async (client: Client, { view }: Fitted): Promise<void> => {
  const image = await encodeStimulus(planStimuli()[0])
  const body = new Blob([new Uint8Array(image.bytes)], { type: 'image/jpeg' })
  const { layer, unit, sites, rates } = await client.json<Prediction>(`/predict?encoder=${view.encoder}`, { method: 'POST', body })
  const shown = sites.slice(0, 5).map((site, j) => `${site.id} ${rates[0][j].toFixed(2)}`)
  print(`\nPOST /predict with one image, encoder of ${view.backbone} ${layer}: ${sites.length} rates (${unit}): ${shown.join(', ')}, …`)
}

export const demo: Verb = {
  usage: 'demo [--home DIR] [--json]',
  summary: 'simulated data from import to prediction, without any download',
  run: async (call) => {
    if (call.words.length > 0) throw new UsageError(`"${call.words[0]}" is not understood.`)
    const { fitted, dataset } = await withClient(
      call,
      async (client) => {
        print('Simulated data: 640 drawn images and 64 invented sites. No number here is a finding.\n')
        const dataset = await importDemo(client, call)
        print(`${dataset.name}: ${dataset.stimuli} stimuli, ${dataset.sites} sites, ${dataset.repetitions.min}-${dataset.repetitions.max} repetitions, median reliability ${score(dataset.ceiling?.median ?? null)}\n`)
        const fitted = await fitAll(client, dataset, call)
        printTableOfLayers(fitted)
        print('\nmedian r and mean EV over sites, 95 % intervals by bootstrap over stimuli; simulated data, random weights')
        await predictOne(client, fitted[1])
        return { fitted, dataset }
      },
      { worker: true },
    )
    if (call.json) printJson({ dataset, fits: fitted.map(({ view }) => view) })
    const home = path.relative(process.cwd(), call.config.home)
    print(`\nTo look at it: npm run ventral -- serve --home ${home.startsWith('..') ? call.config.home : home}`)
  },
}
