import sharp from 'sharp'
import t from 'tap'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { refuses } from '../datasets/fixtures.ts'
import { manifestOf, noisePng, resolved } from './fixtures.ts'
import { acceptedFit, finishFit } from './finished-fit.ts'
import { addRecording } from './run-fit.ts'
import { getFit } from '../../src/pipeline/fits.ts'

const n = 16
const images = Array.from({ length: n }, (_, i) => noisePng(`placement ${i}`, 12))
const background = { r: 10, g: 200, b: 30 }
/** The same image in the middle of a field of twice its size. */
const padded = (image: Uint8Array): Promise<Buffer> => sharp(image).extend({ top: 6, bottom: 6, left: 6, right: 6, background }).png().toBuffer()

t.test('an image of 4 degrees in a field of 8 is the image padded to twice its size, in fits and in predictions', async (t) => {
  const context = await openTestContext(t)
  const responses = gauss('placement', n * 2)
  const fit = async (stimuli: readonly Uint8Array[], fields: Record<string, string>, placement: 'degrees' | 'fill') => {
    const { id } = await addRecording(context, temporaryFolder(t), { images: stimuli, responses, shape: [n, 2], fields })
    const view = await acceptedFit(context, {
      dataset: id, backbone: 'squeezenet1_1', weights: 'random', layers: ['features.1'], pooling: { grid: 2 }, mapping: { method: 'ridge', alphas: [1], inner: { folds: 2 } },
      split: { scheme: 'kfold', folds: 2, shuffle: false }, groupDuplicates: false, placement,
    }) // prettier-ignore
    const scores = await finishFit(context, view.id)
    return { scores, encoder: (await getFit(context, view.id)).encoder! }
  }
  const placed = await fit(images, { visualDegrees: '4', backgroundRgb: '10,200,30' }, 'degrees')
  const before = await fit(await Promise.all(images.map(padded)), { visualDegrees: '8' }, 'fill')
  const filled = await fit(images, { visualDegrees: '8' }, 'fill')
  t.same(placed.scores.layers, before.scores.layers)
  t.notSame(placed.scores.layers, filled.scores.layers)
  t.equal((placed.scores.provenance as { placement?: string }).placement, 'degrees')

  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const [one, other] = [await predictor.predict(placed.encoder, [images[3]]), await predictor.predict(before.encoder, [await padded(images[3])])]
  t.same(one.rates, other.rates)
})

t.test('degrees need the size of the stimuli; placing needs images', async (t) => {
  await refuses(t, () => resolved({ placement: 'degrees' }), 'missing-field', '/placement', 'visualDegrees')
  t.equal(resolved({ placement: 'degrees' }, { ...manifestOf(), visualDegrees: 5 }).placement, 'degrees')
  t.equal(resolved({ placement: 'pad-square' }).placement, 'pad-square')
})
