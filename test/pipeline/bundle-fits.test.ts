import path from 'node:path'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { pythonWithNumpy, runPython } from '../helper/python.ts'
import { unpackBundle } from './bundles.ts'
import { acceptedFit, addDataset, finishFit } from './finished-fit.ts'

const [n, m, repetitions] = [24, 3, 2]
const python = pythonWithNumpy()

t.test('NumPy recomputes the scores of every kind of fit', { skip: python === null && 'needs python3 with NumPy' }, async (t) => {
  const context = await openTestContext(t)
  // Two sites repeat what they answer, the third is nothing but noise.
  const [signal, noise] = [gauss('signal', n * m), gauss('noise', n * m * repetitions)]
  const responses = noise.map((x, at) => (Math.floor(at / repetitions) % m < 2 ? signal[Math.floor(at / repetitions)] + 0.3 * x : x))
  const add = (fields: Record<string, string>): Promise<string> => addDataset(context, temporaryFolder(t), { responses, shape: [n, m, repetitions], metadata: { object_name: (row) => `o${row % 3}` }, fields })
  const [dataset, normalised] = [await add({}), await add({ normalise: 'zscore' })]
  const request: FitRequest = { dataset, backbone: 'squeezenet1_1', weights: 'random', layers: ['features.7', 'features.12'], pooling: { grid: 1 }, mapping: { method: 'ridge', alphas: [0.1, 1] }, split: { scheme: 'kfold', folds: 3 }, alsoBy: [], encoder: 'none' }
  const elsewhere = await acceptedFit(context, { ...request, dataset: normalised })
  await finishFit(context, elsewhere.id)
  const kinds: Record<string, Partial<FitRequest>> = {
    'sites chosen by reliability': { sites: { minCeiling: 0.5 } },
    'normalised responses': { dataset: normalised },
    'reduced activations': { reduction: { dimensions: 64 } },
    'partial least squares': { mapping: { method: 'pls', components: 2, inner: { folds: 2 } } },
    'layers of two networks, on random divisions in which stimuli are tested several times': { alongside: [{ backbone: 'pixels', pooling: { grid: 2 } }], mapping: { method: 'linear', pca: 3, inner: { folds: 2 } }, split: { scheme: 'shufflesplit', splits: 4, seed: 3, testSize: 0.3 }, selectBy: 'explainedVariance.mean' },
    'a layer taken from another fit': { layerFrom: elsewhere.id },
    'all layers together': { mapping: { method: 'auto', alphas: [0.1, 1] } },
    'the protocol of Brain-Score': { protocol: 'brain-score', mapping: { method: 'ridge' }, split: undefined },
  }
  for (const [kind, change] of Object.entries(kinds))
    await t.test(kind, async (t) => {
      const { id } = await acceptedFit(context, { ...request, ...change })
      const scores = await finishFit(context, id)
      const { status, out, err } = runPython(python!, path.join(await unpackBundle(context, id, { python: python!, folder: temporaryFolder(t) }), 'recompute.py'))
      t.equal(status, 0, err + out)
      t.match(out, `nested choice of layer: median r: recomputed`)
      if (change.layerFrom !== undefined) t.match(out, "taken from another dataset's fit: median r: recomputed")
      const [{ sites, correlation }] = scores.layers
      const aggregates = 4 * (1 + correlation.splits.length)
      const all = scores.layers.length * (aggregates + 2 * sites.length) + aggregates * (change.layerFrom === undefined ? 1 : 2) + (change.protocol === undefined ? 0 : scores.layers.length)
      t.equal(Number(/\n(\d+) numbers, 0 differ/.exec(out)?.[1]), all, 'every number')
    })
})
