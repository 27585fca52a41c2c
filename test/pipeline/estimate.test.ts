import fs from 'node:fs'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { estimateFit } from '../../src/pipeline/estimate.ts'
import { listFits } from '../../src/pipeline/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, writeUpload } from './fixtures.ts'

const n = 20

t.test('the estimate of a fit', async (t) => {
  const context = await openTestContext(t)
  const datasetOf = async (sites: number): Promise<string> => {
    const files = await writeUpload(temporaryFolder(t), { images: Array.from({ length: n }, (_, i) => noisePng(`estimate ${i}`)), responses: gauss('rates', n * sites), shape: [n, sites] })
    const { body } = await importDataset(context, { files, fields: { region: 'IT', unit: 'other' }, owner: 'local', idempotency: null })
    return (body as DatasetSummary).id
  }
  const dataset = await datasetOf(3)
  const request: FitRequest = { dataset, backbone: 'resnet50', weights: 'random', layers: ['relu', 'layer1', 'avgpool'] }
  const withSpill = (spillBytes: number): PipelineContext => ({ ...context, config: { ...context.config, spillBytes } })

  await t.test('what fits', async (t) => {
    const estimate = await estimateFit(withSpill(20e9), request)
    t.match(estimate, { fits: true, warnings: [] })
    t.equal(estimate.diskBytes, 4 * n * (2 * 802_816 + 2048) + 3 * 8 * n * n, 'the spill of all layers and their Gram files')
    t.ok(estimate.memoryBytes > 4 * 25e6 && estimate.memoryBytes < 1.5e9)
    t.ok(estimate.seconds > 0 && Number.isFinite(estimate.seconds))
    const divided = await estimateFit(withSpill(80e6), request)
    t.match(divided, { fits: true, diskBytes: 4 * n * 802_816 + 4 * n * 2048 + 3 * 8 * n * n }, 'in two passes less lies on disk')
    const more = await estimateFit(withSpill(20e9), { ...request, controls: [{ name: 'random', seeds: [1, 2] }] })
    t.ok(more.seconds >= 3 * (estimate.seconds - 1), 'a control of two seeds is two fits more')
  })

  await t.test('a layer that does not fit the disk: advice, no refusal', async (t) => {
    const { fits, warnings } = await estimateFit(withSpill(50e6), request)
    t.equal(fits, false)
    t.equal(warnings.length, 1)
    t.match(warnings[0], /^relu has 802816 units: 20 stimuli need 0\.064 GB of disk, and 0\.050 GB may be used\. Pool the layer \("pooling": \{"grid": 4\}\) or raise VENTRAL_SPILL_GB\.$/)
    t.match(await estimateFit(withSpill(50e6), { ...request, pooling: { grid: 4 } }), { fits: true, warnings: [] }, 'and the advice helps')
  })

  await t.test('a readout over 1 GiB: told before, unless no encoder is wanted', async (t) => {
    const many = { ...request, dataset: await datasetOf(400) }
    const { fits, warnings } = await estimateFit(withSpill(20e9), many)
    t.equal(fits, false)
    t.match(warnings, [/^The readout of the widest layer would take 1\.3 GB: no encoder is made over 1\.1 GB\. Pool the layers\.$/])
    t.match(await estimateFit(withSpill(20e9), { ...many, encoder: 'none' }), { fits: true, warnings: [] })
    t.match(await estimateFit(withSpill(20e9), { ...many, encoder: 'avgpool' }), { fits: true, warnings: [] }, 'or that of a narrow layer')
  })

  await t.test('a request that could not be run is refused', async (t) => {
    await t.rejects(estimateFit(context, { ...request, layers: ['layer9'] }), { code: 'unknown-layer' })
    await t.rejects(estimateFit(context, { ...request, split: { scheme: 'kfold', folds: 21 } }), { code: 'too-few-stimuli' })
    await t.rejects(estimateFit(context, { ...request, weights: 'pretrained' }), { code: 'weights-missing' })
    await t.rejects(estimateFit(context, { ...request, dataset: 'none' }), { code: 'not-found' })
  })

  t.equal((await listFits(context, {})).items.length, 0, 'nothing is started')
  t.same(fs.readdirSync(context.home.folders.tmp), [])
})
