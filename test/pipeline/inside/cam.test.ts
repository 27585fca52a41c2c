import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { CamReport, CamRequest, ClassMap } from '../../../src/domain/looks.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { classHead } from '../../../src/models/class-head.ts'
import { randomParams } from '../../../src/models/initialise.ts'
import { toCrop } from '../../../src/models/preprocess/crop.ts'
import { decodeNpy, decodeNpyText } from '../../../src/numerics/npy.ts'
import { decodeNpz } from '../../../src/numerics/npz.ts'
import { findClass } from '../../../src/pipeline/inside/class-maps.ts'
import { classNames } from '../../../src/pipeline/inside/class-names.ts'
import { temporaryFolder } from '../../helper/home.ts'
import { needs, shared } from '../../helper/shared.ts'
import type { Refusal } from '../fixtures.ts'
import { noiseImages, openLooks } from './looks.ts'

const images = noiseImages('first.png', 'second.png')
const asked: CamRequest = { backbone: 'squeezenet1_1', weights: 'random', top: 5, alpha: 0.5 }
const meanOf = ({ map }: ClassMap): number => map.flat().reduce((a, b) => a + b, 0) / map.flat().length

t.test("a class's map, averaged over its places, gives the class's logit", async (t) => {
  const { report } = openLooks(t)
  for (const backbone of ['squeezenet1_1', 'mobilenet_v2', 'shufflenet_v2_x0_5', 'cornet_z']) {
    const graph = getBackbone(backbone)
    const { maps } = classHead(graph)!
    const bias = 'tap' in maps && maps.weights !== null ? randomParams(graph, 0).get(maps.weights.bias!)! : null
    const { method, layer, classes, images: looked } = await report<CamReport>('cam', { ...asked, backbone, classes: [7, 999] }, images)
    t.match({ method, layer, classes }, { method: 'cam', layer: 'tap' in maps ? maps.tap : '', classes: 1000 }, backbone)
    for (const { top, maps } of looked) {
      t.same(maps.map((one) => [one.class, one.name]), [[7, 'cock'], [999, 'toilet tissue, toilet paper, bathroom tissue']])
      for (const one of maps) t.ok(Math.abs(meanOf(one) + (bias?.[one.class] ?? 0) - one.logit) < 1e-5 * Math.max(1, ...one.map.flat().map(Math.abs)), `${backbone}, class ${one.class}`)
      t.equal(top.length, 5)
      t.ok(top.every(({ logit, probability }, i) => i === 0 || (logit <= top[i - 1].logit && probability <= top[i - 1].probability)), 'the likeliest first')
    }
  }
})

t.test('classes are mapped by index, by name, or the likeliest', async (t) => {
  const { report } = openLooks(t)
  const mapped = async (classes?: CamRequest['classes'], top = 3) => (await report<CamReport>('cam', { ...asked, classes, top }, images)).images.map(({ maps, top }) => ({ maps: maps.map((one) => one.class), top: top.map((one) => one.class) }))
  for (const { maps, top } of await mapped()) t.same(maps, top.slice(0, 1))
  for (const { maps, top } of await mapped('top')) t.same(maps, top)
  t.same((await mapped(['egyptian CAT']))[1].maps, [285])
  const names = (await classNames(null, 1000))!
  t.equal(findClass('tabby', { classes: 1000 }, names), 281, 'one of its names')
  t.equal(findClass('tabby, tabby cat', { classes: 1000 }, names), 281, 'all of them')
  t.throws(() => findClass('crane', { classes: 1000 }, names), { code: 'invalid-value', message: 'Several classes are called "crane": 134, 517. Name one by its index.' })
  t.throws(() => findClass('cat', { classes: 1000 }, names), { code: 'invalid-value', message: /No class is called "cat"\. Near it are 281 \(tabby, tabby cat\)/ })
  t.throws(() => findClass(1000, { classes: 1000 }, names), { code: 'invalid-value', message: /classes 0 to 999/ })
  t.throws(() => findClass('cat', { classes: 10 }, null), { code: 'invalid-value', message: /have no names here/ })
})

t.test('names of the user’s own', async (t) => {
  const file = path.join(temporaryFolder(t), 'names.txt')
  fs.writeFileSync(file, 'n00000001 red thing, red\r\ngreen thing\n\n')
  t.same(await classNames(file, 2), ['red thing, red', 'green thing'])
  t.equal((await classNames(file, 1000))![0], 'tench, Tinca tinca', 'of another number of classes: not these')
  t.equal(await classNames(null, 10), null)
  await t.rejects(classNames(path.join(file, 'none'), 10), { code: 'not-found', message: /VENTRAL_CLASS_NAMES/ })
})

t.test('ImageNet’s names are in the order of the published list', needs('data', 'weights', 'imagenet_synset_words.txt'), async (t) => {
  const spelt = (names: readonly string[] | null) => names!.map((name) => name.replaceAll(' ', '')) // one has a jelly fish, the other a jellyfish
  t.same(spelt(await classNames(null, 1000)), spelt(await classNames(shared('data', 'weights', 'imagenet_synset_words.txt'), 1000)))
})

t.test('as arrays and as a picture', async (t) => {
  const { look } = openLooks(t)
  const files = await decodeNpz(await look('cam', { ...asked, classes: [1, 2, 3] }, 'npz', images), 'npz')
  const shapes = [...files].filter(([name]) => name !== 'stimulus_id').map(([name, bytes]) => [name, decodeNpy(bytes, name).shape] as const)
  t.same(Object.fromEntries(shapes), { class: [2, 3], logit: [2, 3], probability: [2, 3], map: [2, 3, 13, 13], top_class: [2, 5], top_logit: [2, 5], top_probability: [2, 5] })
  t.same(decodeNpyText(files.get('stimulus_id')!, 'ids').values, ['first', 'second'])
  const picture = async (change: Partial<CamRequest>) => sharp(await look('cam', { ...asked, ...change }, 'png', images.slice(0, 1))).raw().toBuffer({ resolveWithObject: true }) // prettier-ignore
  const plain = await picture({ alpha: 0 })
  t.match(plain.info, { width: 224, height: 224, channels: 3 })
  t.match((await picture({ classes: [1, 2] })).info, { width: 3 * 228 - 4, height: 224 }, 'the image and its two maps')
  const full = await picture({ alpha: 1 })
  const pixels = new Set(Array.from({ length: 224 * 224 }, (_, i) => full.data.subarray(3 * i, 3 * i + 3).join()))
  t.ok(pixels.has('0,0,255') && pixels.has('255,0,0'), 'from blue to red')
  const half = await picture({ alpha: 0.5 })
  t.ok(half.data.every((value, i) => Math.abs(value - (plain.data[i] + full.data[i]) / 2) <= 1), 'the image under the colours')
})

t.test('the middle of the image, as for classification', async (t) => {
  const { look, report } = openLooks(t)
  const { preprocessing, images: looked } = await report<CamReport>('cam', { ...asked, preprocessing: 'crop' }, images)
  t.match(preprocessing, { kind: 'crop', resize: 256, crop: 224, filter: 'bilinear' })
  const whole = await report<CamReport>('cam', asked, images)
  t.match(whole.preprocessing, { kind: 'squash', side: 224 })
  t.not(looked[0].top[0].logit, whole.images[0].top[0].logit)
  const { width, height, data } = await toCrop(images[0].bytes, 'first.png', { resize: 256, crop: 224, filter: 'bilinear' })
  const shown = await sharp(await look('cam', { ...asked, preprocessing: 'crop', alpha: 0 }, 'png', images.slice(0, 1))).raw().toBuffer({ resolveWithObject: true }) // prettier-ignore
  t.match(shown.info, { width, height })
  t.ok(shown.data.equals(data), 'the picture shows what the network saw')
})

t.test('what a class map cannot be made of is refused', async (t) => {
  const { look } = openLooks(t)
  const refused: [Partial<CamRequest>, Refusal][] = [
    [{ backbone: 'pixels' }, { code: 'invalid-value', message: /pixels has no classes/ }],
    [{ backbone: 'alexnet', method: 'cam' }, { code: 'invalid-value', message: /no class activation map of alexnet: its classes do not follow from the mean .* Ask for "method=grad-cam"/ }],
    [{ method: 'cam', layer: 'features.3' }, { code: 'invalid-value', message: /is of its last maps, classifier\.2\. For features\.3 ask for "method=grad-cam"/ }],
    [{ backbone: 'resnet18', layer: 'avgpool' }, { code: 'invalid-value', message: /avgpool of resnet18 has no places \(512 x 1 x 1\)/ }],
    [{ backbone: 'resnet18', layer: 'fc' }, { code: 'invalid-value', message: /has no places/ }],
    [{ layer: 'features.99' }, { code: 'unknown-layer' }],
    [{ timeStep: 1 }, { code: 'invalid-value', message: /layer=IT&timeStep=1/ }],
    [{ backbone: 'cornet_s', layer: 'IT', timeStep: 7 }, { code: 'unknown-layer', message: /time steps are 0, 1/ }],
    [{ classes: [1000] }, { code: 'invalid-value', message: /no class 1000/ }],
  ]
  for (const [change, expected] of refused) await t.rejects(look('cam', { ...asked, ...change }, 'json', images), expected, JSON.stringify(change))
  await t.rejects(look('cam', asked, 'png', images), { code: 'invalid-value', message: /one image, not of 2/ })
  await t.rejects(look('cam', asked, 'json', [{ name: 'bad.png', bytes: images[0].bytes.slice(0, 90) }]), { code: 'truncated-image', message: /bad\.png/ })
})

t.test('photographs are told by SqueezeNet with its published weights', needs('data', 'weights', 'squeezenet1_1.pth'), async (t) => {
  const { networks } = openLooks(t)
  const { readWeights } = await import('../../../src/models/weights/read-weights.ts')
  const { lookAtClasses } = await import('../../../src/pipeline/inside/cam.ts')
  const graph = getBackbone('squeezenet1_1')
  const params = async () => (await readWeights(shared('data', 'weights', 'squeezenet1_1.pth'), graph.params, { where: 'squeezenet1_1.pth', backbone: graph.id })).params
  const published = { ...networks, find: () => Promise.resolve({ graph, params, weights: 'published', pooling: 'none' as const }) }
  // The figures are those of the photographs' own README, for the middle of the image.
  const photos: [string, string, number][] = [['chelsea.png', 'Egyptian cat', 0.55], ['coffee.png', 'espresso', 0.87], ['coral_parrot.jpg', 'macaw', 0.99], ['coral_bird.bmp', 'chickadee', 0.99], ['coral_hot_dog.jpg', 'hotdog, hot dog, red hot', 0.91]]
  const given = photos.map(([name]) => ({ name, bytes: fs.readFileSync(shared('data', 'photos', name)) }))
  const report = JSON.parse(Buffer.from(await lookAtClasses(published, { ...asked, preprocessing: 'crop' }, 'json', given)).toString()) as CamReport
  for (const [i, [file, name, probability]] of photos.entries()) {
    const [likeliest] = report.images[i].top
    t.equal(likeliest.name, name, file)
    t.ok(Math.abs(likeliest.probability - probability) <= 0.005, `${file}: ${likeliest.probability}`)
  }
  t.same(report.images[0].top.slice(0, 3).map(({ name }) => name).sort(), ['Egyptian cat', 'tabby, tabby cat', 'tiger cat'])
  // The bird sits in the upper left of its photograph.
  const { map } = report.images[3].maps[0]
  const [row, column] = map.flatMap((values, r) => values.map((value, c) => [r, c, value])).sort((a, b) => b[2] - a[2])[0]
  t.ok(row < 6 && column < 5, `the chickadee is seen at row ${row}, column ${column} of 13`)
})
