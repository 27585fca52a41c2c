import t from 'tap'
import { decodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { getFit } from '../../src/storage/repositories/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { acceptedFit, addDataset, finishFit } from './finished-fit.ts'

t.test('a fit keeps the responses and the rows of its splits, and which layer each split chose', async (t) => {
  const context = await openTestContext(t)
  const responses = gauss('kept', 24)
  const dataset = await addDataset(context, temporaryFolder(t), { responses, shape: [12, 2] })
  const { id } = await acceptedFit(context, { dataset, backbone: 'pixels', pooling: { grid: 2 }, mapping: { method: 'ridge', alphas: [1], inner: { folds: 2 } }, split: { scheme: 'kfold', folds: 3 }, encoder: 'none' })
  const scores = await finishFit(context, id)
  t.same(scores.bestLayer?.nested.layerPerSplit, ['pixels', 'pixels', 'pixels'])

  const { record } = await getFit(context.db, id)
  const open = async (name: string): Promise<Map<string, Uint8Array>> => decodeNpz(await context.blobs.read(record![name]), name)
  const kept = await open('responses.npz')
  t.same([...kept.keys()], ['stimulus_id', 'site_id', 'region', 'response'])
  t.same([...decodeNpy(kept.get('response')!, 'response').data], [...responses])
  const splits = await open('splits.npz')
  t.equal(splits.size, 1 + 2 * 3)
  const rows = (name: string): number[] => [...decodeNpy(splits.get(name)!, name).data].map(Number)
  t.same([0, 1, 2].flatMap((k) => rows(`test_00${k}`)).sort((a, b) => a - b), Array.from({ length: 12 }, (_, i) => i), 'each stimulus is tested once')
  for (const k of [0, 1, 2]) t.same([...rows(`train_00${k}`), ...rows(`test_00${k}`)].sort((a, b) => a - b), Array.from({ length: 12 }, (_, i) => i))
})
