import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { datasetSites, deleteDataset, importDataset, listDatasets, stimulusBytes } from '../../src/pipeline/datasets.ts'
import type { ImportRequest } from '../../src/pipeline/datasets.ts'
import { gauss } from '../helper/generator.ts'
import { collectOrphans } from '../../src/storage/blob-references.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, writeUpload } from './fixtures.ts'
import type { Refusal } from './fixtures.ts'

const [n, m, repetitions] = [12, 3, 4]
const images = Array.from({ length: n }, (_, i) => noisePng(i === 7 ? 'import 2' : `import ${i}`)) // s007 repeats s002

/** Site 0 answers alike in every repetition but for little noise, site 1 is noise, site 2 is constant; one repetition is missing. */
const responses = (): Float64Array => {
  const [signal, noise] = [gauss('signal', n), gauss('noise', n * m * repetitions)]
  const values = noise.map((x, at) => {
    const [i, j] = [Math.floor(at / (m * repetitions)), Math.floor(at / repetitions) % m]
    return j === 0 ? signal[i] + 0.05 * x : j === 1 ? x : 3
  })
  values[1] = NaN
  return values
}

const upload = (folder: string, change: Partial<Parameters<typeof writeUpload>[1]> = {}) =>
  writeUpload(folder, { images, responses: responses(), shape: [n, m, repetitions], metadata: { object_name: (row) => `o${row % 4}` }, ...change })
const fields = { name: 'made up', region: 'IT', unit: 'other', axes: 'stimulus,site,repetition' }
const request = (files: ImportRequest['files'], change: Partial<ImportRequest> = {}): ImportRequest => ({ files, fields, owner: 'local', idempotency: null, ...change })

/** Everything that an import could leave: rows, blobs, temporary files. */
const inventory = async (context: PipelineContext) => {
  const blobs: string[] = []
  for await (const { sha256 } of context.blobs.list()) blobs.push(sha256)
  return {
    rows: (await listDatasets(context, {})).items.length,
    blobs: blobs.sort(),
    incoming: fs.readdirSync(path.join(context.home.folders.blobs, 'incoming')),
    tmp: fs.readdirSync(context.home.folders.tmp),
  }
}
const nothing = { rows: 0, blobs: [], incoming: [], tmp: [] }

t.test('imports', async (t) => {
  const context = await openTestContext(t)

  await t.test('whatever goes wrong, nothing stays', async (t) => {
    const failing = async (what: string, change: Partial<ImportRequest>, expected: Refusal, files?: ImportRequest['files']): Promise<void> => {
      await t.rejects(importDataset(context, request(files ?? (await upload(temporaryFolder(t))), change)), expected, what)
      t.same(await inventory(context), nothing, what)
    }
    const damaged = await upload(temporaryFolder(t), { images: images.map((image, i) => (i === 9 ? noisePng('cut', 40).subarray(0, 3000) : image)) })
    await failing('no responses', {}, { code: 'missing-field' }, {})
    await failing('an unknown field', { fields: { ...fields, colour: 'red' } }, { code: 'unknown-field' })
    await failing('axes of another array', { fields: { ...fields, axes: 'stimulus,site' } }, { code: 'unknown-axes' })
    await failing('other counts', {}, { code: 'count-mismatch' }, await upload(temporaryFolder(t), { images: images.slice(1), metadata: undefined }))
    await failing('a response without end', {}, { code: 'non-finite-rates' }, await upload(temporaryFolder(t), { responses: responses().fill(Infinity, 100, 101) }))
    await failing('a damaged image', {}, { code: 'truncated-image', message: /s009\.png/ }, damaged)
    await failing('an upload that went away', { signal: AbortSignal.abort(new Error('gone')) }, { name: 'AbortError' })
    await failing('a key that was too long', { idempotency: { owner: 'local', route: 'POST /datasets', key: 'k'.repeat(300), bodySha256: 'a' } }, { code: 'invalid-request' })
  })

  await t.test('a full disk or a lost database at the last step', async (t) => {
    const files = await upload(temporaryFolder(t))
    let puts = 0
    const put: typeof context.blobs.put = (...args) => {
      if (++puts === 3) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      return context.blobs.put(...args)
    }
    await t.rejects(importDataset({ ...context, blobs: { ...context.blobs, put } }, request(files)), { code: 'ENOSPC' })
    t.equal(puts, 3)
    t.same(await inventory(context), nothing, 'the third blob does not fit: the two before it are gone')

    const losing = (times: number) => {
      let calls = 0
      const transaction: typeof context.db.transaction = async (work) => {
        if (++calls <= times) throw new Error('connection lost')
        return context.db.transaction(work)
      }
      return { ...context, db: { ...context.db, transaction } }
    }
    await t.rejects(importDataset(losing(1), request(files)), { message: 'connection lost' })
    t.same(await inventory(context), nothing, 'a connection that comes back')
    await t.rejects(importDataset(losing(Infinity), request(files)), { message: 'connection lost' }, 'the first error is the one told')
    t.match(await inventory(context), { rows: 0, tmp: [] })
    t.equal((await collectOrphans(context.db, context.blobs, -1000)).length, 3, 'and one that does not leaves blobs to the sweep of the next start')
    t.same(await inventory(context), nothing)
  })

  const files = await upload(temporaryFolder(t))
  const { status, headers, body } = await importDataset(context, request(files))
  const dataset = body as DatasetSummary

  await t.test('its summary', async (t) => {
    t.equal(status, 201)
    t.same(headers, { location: `/datasets/${dataset.id}` })
    t.match(dataset, {
      name: 'made up', stimuli: n, sites: m, regions: { IT: 3 }, repetitions: { min: 3, max: 4 }, unit: 'other', objects: 4, ceiling: { method: 'analytic' }, groupingColumns: ['object_name'], simulated: false,
    }) // prettier-ignore
    t.ok(dataset.warnings.some((warning) => warning.startsWith('1 pairs of images are equal and 0 nearly so')), 'duplicates')
    t.same((await inventory(context)).tmp, [])
    t.equal((await inventory(context)).blobs.length, 3)
  })

  await t.test('its sites', async (t) => {
    const [reliable, noise, constant] = await datasetSites(context, dataset.id)
    t.ok(reliable.ceiling! > 0.98 && reliable.ceiling! < 1)
    t.ok(noise.ceiling === null || noise.ceiling < 0.7)
    t.match(constant, { ceiling: null, constant: true, note: /./ })
    t.same([reliable.constant, noise.constant], [false, false])
  })

  await t.test('its images come back byte for byte', async (t) => {
    for (const i of [0, 5, 11]) {
      const { bytes, mediaType } = await stimulusBytes(context, dataset.id, `s${String(i).padStart(3, '0')}`)
      t.ok(images[i].equals(bytes))
      t.equal(mediaType, 'image/png')
    }
    await t.rejects(stimulusBytes(context, dataset.id, 's012'), { code: 'not-found' })
  })

  await t.test('a failing import of the same files takes nothing from it', async (t) => {
    const before = await inventory(context)
    const db = { ...context.db, transaction: ((work) => context.db.transaction(async (tx) => { await work(tx); throw new Error('no commit') })) as typeof context.db.transaction } // prettier-ignore
    await t.rejects(importDataset({ ...context, db }, request(files)))
    t.same(await inventory(context), before)
    t.equal((await stimulusBytes(context, dataset.id, 's000')).bytes.length, images[0].length)
  })

  await t.test('an Idempotency-Key gives the first answer again and stores nothing twice', async (t) => {
    const idempotency = { owner: 'local', route: 'POST /datasets', key: 'one', bodySha256: 'a' }
    const named = { idempotency, fields: { ...fields, name: 'another' } }
    const first = await importDataset(context, request(files, named))
    const before = await inventory(context)
    const again = await importDataset(context, request(files, named))
    t.same(again.body, first.body)
    t.same(await inventory(context), before)
    await deleteDataset(context, (first.body as DatasetSummary).id)
    const after = await inventory(context)
    t.same((await importDataset(context, request(files, named))).body, first.body, 'also when the dataset is gone')
    t.same(await inventory(context), after, 'which leaves no blob without a row')
  })

  await t.test('deleting it leaves nothing', async (t) => {
    await deleteDataset(context, dataset.id)
    t.same(await inventory(context), nothing)
    await t.rejects(datasetSites(context, dataset.id), { code: 'not-found' })
  })
})
