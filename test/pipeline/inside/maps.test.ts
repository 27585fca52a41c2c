import sharp from 'sharp'
import t from 'tap'
import type { MapsReport, MapsRequest } from '../../../src/domain/looks.ts'
import { openBackbone } from '../../../src/models/activations.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { randomParams } from '../../../src/models/initialise.ts'
import { toPixels } from '../../../src/models/preprocess/to-pixels.ts'
import { decodeNpy, decodeNpyText } from '../../../src/numerics/npy.ts'
import { decodeNpz } from '../../../src/numerics/npz.ts'
import type { Refusal } from '../fixtures.ts'
import { noiseImages, openLooks } from './looks.ts'

const images = noiseImages('first.png', 'second.png')
const squeezenet: MapsRequest = { backbone: 'squeezenet1_1', weights: 'random', layers: ['features.4', 'features.12'], channels: { top: 3 } }

/** Activations of the images by the network itself: layer -> (image x unit). */
const activationsOf = async (id: string, ...layers: string[]): Promise<Map<string, Float32Array[]>> => {
  const graph = getBackbone(id)
  const backbone = await openBackbone({ graph, params: randomParams(graph, 0), taps: layers.map((layer) => ({ layer, pooling: 'none' as const })), threads: 1, normalise: true })
  const rows = new Map(layers.map((layer) => [layer, [] as Float32Array[]]))
  for (const { name, bytes } of images)
    for (const [layer, values] of await backbone.run(await toPixels(bytes, name, { width: graph.inputSize, height: graph.inputSize }), 1)) rows.get(layer)!.push(values.slice())
  await backbone.close()
  return rows
}
const flat = (nested: unknown): number[] => (nested as number[]).flat(4)
const close = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - b[i]) <= 1e-5 * Math.max(1, Math.abs(b[i])))

t.test('maps are the activations: the mean over channels, and the channels that are strongest in each image', async (t) => {
  const { report } = openLooks(t)
  const { layers, ...head } = await report<MapsReport>('maps', squeezenet, images)
  t.match(head, { backbone: 'squeezenet1_1', weights: 'random:0:1', inputSize: 224, images: [{ name: 'first.png', sha256: /^[0-9a-f]{64}$/ }, { name: 'second.png' }] })
  t.same(layers.map(({ layer, timeStep, shape }) => [layer, timeStep, shape]), [['features.4', null, [128, 55, 55]], ['features.12', null, [512, 13, 13]]])
  const expected = await activationsOf('squeezenet1_1', 'features.4', 'features.12')
  for (const { layer, shape: [depth, rows, columns], mean, channels, maps } of layers)
    for (const [i, activations] of expected.get(layer)!.entries()) {
      const places = rows * columns
      const channel = (c: number) => activations.subarray(c * places, (c + 1) * places)
      const means = Array.from({ length: depth }, (_, c) => channel(c).reduce((a, b) => a + b, 0) / places)
      const strongest = means.map((value, c) => [value, c]).sort((a, b) => b[0] - a[0]).slice(0, 3).map(([, c]) => c) // prettier-ignore
      t.same(channels![i], strongest, `${layer}: the strongest in image ${i}`)
      t.ok(close(flat(maps![i]), strongest.flatMap((c) => Array.from(channel(c)))), 'their maps')
      t.ok(close(flat(mean![i]), Array.from({ length: places }, (_, p) => means.reduce((sum, _, c) => sum + channel(c)[p], 0) / depth)), 'the mean over all channels')
    }
})

t.test('an npz has whole layers by image, or what was chosen of them', async (t) => {
  const { look } = openLooks(t)
  const arrays = async (change: Partial<MapsRequest>) => {
    const files = await decodeNpz(await look('maps', { ...squeezenet, ...change }, 'npz', images), 'npz')
    t.same(decodeNpyText(files.get('stimulus_id')!, 'ids').values, ['first', 'second'])
    files.delete('stimulus_id')
    return new Map([...files].map(([name, bytes]) => [name, decodeNpy(bytes, name)]))
  }
  const whole = await arrays({ channels: 'all' })
  t.same([...whole].map(([name, { shape }]) => [name, shape]), [['features.4', [2, 128, 55, 55]], ['features.12', [2, 512, 13, 13]]])
  const expected = (await activationsOf('squeezenet1_1', 'features.12')).get('features.12')!
  t.ok(close(whole.get('features.12')!.data, Float32Array.from(expected.flatMap((row) => Array.from(row)))))
  const chosen = await arrays({ layers: ['features.12'], channels: [511, 0] })
  t.same([...chosen].map(([name, { shape }]) => [name, shape]), [['features.12:mean', [2, 13, 13]], ['features.12:maps', [2, 2, 13, 13]], ['features.12:channels', [2, 2]]])
  t.same(Array.from(chosen.get('features.12:channels')!.data), [511, 0, 511, 0])
  t.ok(close(chosen.get('features.12:maps')!.data.subarray(0, 169), expected[0].subarray(511 * 169)))
  t.same([...(await arrays({ channels: 'mean' })).keys()], ['features.4:mean', 'features.12:mean'])
  t.same((await arrays({ layers: ['features.4'], channels: 'all', grid: 5 })).get('features.4')!.shape, [2, 128, 5, 5])
})

t.test('recurrent areas at one step and at all', async (t) => {
  const { report } = openLooks(t)
  const cornet = { backbone: 'cornet_r', weights: 'random', grid: 2, channels: 'mean' } as const
  const tapsOf = async (layers: MapsRequest['layers'], timeStep?: number | 'all') =>
    (await report<MapsReport>('maps', { ...cornet, layers, timeStep }, images.slice(0, 1))).layers.map(({ layer, timeStep, region }) => [layer, timeStep, region])
  t.same(await tapsOf(['V4', 'IT'], 1), [['V4.output-t1', 1, 'V4'], ['IT.output-t1', 1, 'IT']])
  t.same(await tapsOf(['IT'], 'all'), [0, 1, 2, 3, 4].map((step) => [`IT.output-t${step}`, step, 'IT']))
  t.same((await tapsOf('default', 'all')).length, 20, 'four areas, five steps')
  t.same(await tapsOf(['IT']), [['IT', null, 'IT']])
})

t.test('channels that lie last, and vectors', async (t) => {
  const { report } = openLooks(t)
  const convnext = { backbone: 'convnext_tiny', weights: 'random', channels: [5] }
  const last = getBackbone('convnext_tiny').layers.find(({ channels, kind }) => channels === 'last' && kind === 'norm')!
  const { layers: [turned, vector] } = await report<MapsReport>('maps', { ...convnext, layers: [last.name, 'classifier.1'] }, images) // prettier-ignore
  const [rows, columns, depth] = last.shape
  t.same(turned.shape, [depth, rows, columns])
  const expected = await activationsOf('convnext_tiny', last.name, 'classifier.1')
  t.ok(close(flat(turned.maps![0]), expected.get(last.name)![0].filter((_, i) => i % depth === 5)))
  t.match(vector, { shape: [768], mean: null, channels: null, maps: null })
  t.ok(close(flat(vector.values![0]), expected.get('classifier.1')![0]))
})

t.test('a picture has a row of tiles per layer', async (t) => {
  const { look } = openLooks(t)
  const png = await look('maps', { ...squeezenet, channels: { top: 18 } }, 'png', images.slice(0, 1))
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  t.match(info, { width: 18 * 116 - 4, height: 4 * 116 - 4, channels: 3 }, 'two rows of tiles for each layer, its second one with two')
  const pixel = (x: number, y: number) => Array.from(data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3))
  const tile = (column: number, row: number) => Array.from({ length: 112 * 112 }, (_, i) => pixel(column * 116 + (i % 112), row * 116 + Math.floor(i / 112)).join())
  for (const row of [0, 2]) {
    t.ok(tile(1, row).includes('0,0,255') && tile(1, row).includes('255,0,0'), 'the mean runs from blue to red')
    t.ok([2, 3, 4].some((column) => tile(column, row).includes('255,0,0')), 'of the channels one has the greatest value')
  }
  t.ok(tile(4, 1).every((colour) => colour === '255,255,255'), 'nothing after the last channel')
})

t.test('what cannot be shown is refused', async (t) => {
  const { look } = openLooks(t)
  const one = images.slice(0, 1)
  const refused: [Partial<MapsRequest>, 'json' | 'npz' | 'png', typeof images, Refusal][] = [
    [{ backbone: 'resnet19' }, 'json', one, { code: 'unknown-backbone' }],
    [{ weights: 'best' }, 'json', one, { code: 'invalid-value', message: /weights/ }],
    [{ layers: ['features'.repeat(2)] }, 'json', one, { code: 'unknown-layer' }],
    [{ layers: ['features.4', 'features.4'] }, 'json', one, { code: 'invalid-value', message: /named twice/ }],
    [{ layers: ['features.4'], timeStep: 0 }, 'json', one, { code: 'unknown-layer', message: /No layer of squeezenet1_1 has any/ }],
    [{ layers: 'default', timeStep: 'all' }, 'json', one, { code: 'unknown-layer', message: /no time steps/ }],
    [{ backbone: 'cornet_s', layers: 'default', timeStep: 1 }, 'json', one, { code: 'invalid-value', message: /Name the areas/ }],
    [{ channels: [128] }, 'json', one, { code: 'invalid-value', message: /features\.4 has the channels 0 to 127, not 128/ }],
    [{ layers: 'default', channels: 'all' }, 'json', one, { code: 'does-not-fit', message: /Ask for an \.npz/ }],
    [{ layers: ['features.0'], channels: 'all' }, 'npz', Array.from({ length: 50 }, () => images[0]), { code: 'does-not-fit', message: /ventral activations/ }],
    [{}, 'png', images, { code: 'invalid-value', message: /one image, not of 2/ }],
    [{ layers: ['classifier'], backbone: 'resnet18' }, 'png', one, { code: 'unknown-layer' }],
    [{ layers: ['fc'], backbone: 'resnet18' }, 'png', one, { code: 'invalid-value', message: /fc is a vector of 1000 units/ }],
    [{}, 'json', [images[0], { name: 'bad.png', bytes: images[1].bytes.slice(0, 90) }], { code: 'truncated-image', message: /bad\.png/ }],
  ]
  for (const [change, format, given, expected] of refused) await t.rejects(look('maps', { ...squeezenet, ...change }, format, given), expected, JSON.stringify(change))
})
