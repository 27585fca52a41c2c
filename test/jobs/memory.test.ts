import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import { startFitProcess } from '../../src/jobs/delivery.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { estimateFit } from '../../src/pipeline/estimate.ts'
import { createFit } from '../../src/pipeline/fits.ts'
import { solverThreads } from '../../src/pipeline/memory-estimate.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, writeUpload } from '../pipeline/fixtures.ts'

const [n, m] = [24, 40]
const fitModule = new URL('../../src/pipeline/fit.ts', import.meta.url).href

t.test('the memory of a fit', async (t) => {
  // The test runner's hooks would be loaded in the fit's process too, and measured with it.
  const hooks = process.execArgv.splice(0)
  t.teardown(() => process.execArgv.push(...hooks))
  const context = await openTestContext(t)
  const files = await writeUpload(temporaryFolder(t), { images: Array.from({ length: n }, (_, i) => noisePng(`memory ${i}`)), responses: gauss('memory', n * m), shape: [n, m] })
  const { body } = await importDataset(context, { files, fields: { region: 'IT', unit: 'other' }, owner: 'local', idempotency: null })
  const { id: dataset } = body as DatasetSummary
  const pixels: FitRequest = { dataset, backbone: 'pixels', layers: ['pixels'], pooling: { grid: 28 }, mapping: { method: 'ridge', alphas: [1] }, split: { scheme: 'kfold', folds: 3 } }
  const create = (request: FitRequest, memoryBytes = context.config.memoryBytes) =>
    createFit({ ...context, config: { ...context.config, memoryBytes } }, request, { owner: 'local', idempotency: null })

  for (const [what, request] of [
    ['little but the process', pixels],
    ['a wide layer and its encoder', { ...pixels, backbone: 'squeezenet1_1', weights: 'random', layers: ['features.4'], pooling: 'none' }],
  ] as [string, FitRequest][])
    await t.test(`is estimated within 30 %: ${what}`, async (t) => {
      const { memoryBytes } = await estimateFit(context, request)
      const { id } = (await create(request)).body as { id: string }
      const end = await startFitProcess({ config: context.config, fit: id, fitModule, onProgress: () => undefined }).ending
      if (end.kind !== 'outcome') throw new Error(JSON.stringify(end))
      const ratio = memoryBytes / end.outcome.peakRssBytes
      t.ok(ratio > 0.7 && ratio < 1.3, `${(memoryBytes / 1e6).toFixed(0)} MB estimated, ${(end.outcome.peakRssBytes / 1e6).toFixed(0)} MB measured`)
    })

  await t.test('beyond what there is, is refused before anything starts, and the dry run says so', async (t) => {
    await t.rejects(create(pixels, 2e8), { code: 'does-not-fit', message: /^The fit would need about 0\.\d GB of memory, and there are 0\.2 GB\. Pool the layers/, errors: [{ pointer: '/' }] })
    const { fits, warnings } = await estimateFit({ ...context, config: { ...context.config, memoryBytes: 2e8 } }, pixels)
    t.equal(fits, false)
    t.match(warnings, [/VENTRAL_MEMORY_GB/])
  })
})

t.test('solvers take the threads whose matrices the memory holds', (t) => {
  t.equal(solverThreads(16, 64e9, 1000), 16)
  t.equal(solverThreads(16, 8e9, 8000), 2, 'a thread takes 3.1 GB at 8,000 stimuli')
  t.equal(solverThreads(16, 1e9, 8000), 1, 'never none')
  t.equal(solverThreads(16, 4e9, 30_000, { dimensions: 4096, seed: 0 }), 3)
  t.end()
})
