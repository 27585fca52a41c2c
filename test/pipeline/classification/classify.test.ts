import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { ClassificationReport, ClassificationRequest, TrainedHead } from '../../../src/domain/classification.ts'
import { bmpOfPlanes } from '../../../src/datasets/bmp-of-planes.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { buildOnnx } from '../../../src/models/build-onnx.ts'
import { readWeights } from '../../../src/models/weights/read-weights.ts'
import { createRandomState } from '../../../src/numerics/random/mt19937.ts'
import { classifyImages } from '../../../src/pipeline/classification/classify.ts'
import { addWeights } from '../../../src/pipeline/backbones.ts'
import { addModel } from '../../../src/pipeline/models.ts'
import type { PipelineContext } from '../../../src/pipeline/context.ts'
import { shapePicture, writeCifar10 } from '../../helper/cifar.ts'
import { openTestContext, temporaryFolder, testConfig } from '../../helper/home.ts'
import { needs, shared } from '../../helper/shared.ts'

/** Random weights need no database: of the context only the settings and the folder for temporary files are used. */
const contextIn = (folder: string, memoryBytes?: number): PipelineContext => {
  const tmp = path.join(folder, 'tmp')
  fs.mkdirSync(tmp, { recursive: true })
  const config = testConfig(path.join(folder, 'home'))
  return { config: { ...config, memoryBytes: memoryBytes ?? config.memoryBytes }, home: { folders: { tmp } } } as unknown as PipelineContext
}

/** Images of shapes in class folders, so many of each of the classes named. */
const writeFolders = (root: string, classes: Record<string, number>, each: number, random = createRandomState(5)): void => {
  for (const [name, shape] of Object.entries(classes)) {
    fs.mkdirSync(path.join(root, name), { recursive: true })
    for (let i = 0; i < each; i++) fs.writeFileSync(path.join(root, name, `${i}.bmp`), bmpOfPlanes(shapePicture(shape, random), 32))
  }
}

const random = { backbone: 'cornet_z', weights: 'random' } as const

t.test('CIFAR-10: a head on random weights tells coloured shapes apart, and untrained heads are at chance', async (t) => {
  const folder = temporaryFolder(t)
  writeCifar10(path.join(folder, 'cifar'), { train: 12, test: 5 })
  const stages: string[] = []
  const report = await classifyImages(contextIn(folder), { input: path.join(folder, 'cifar'), ...random, seed: 3, perClass: true }, { onProgress: ({ stage }) => stages.push(stage) })
  const head = report.head as TrainedHead
  t.match(report, { layout: 'CIFAR-10', preprocessing: { kind: 'squash', side: 224 }, weights: 'random:3:1', refused: [] })
  t.match(head, { kind: 'trained', layer: 'decoder.flatten', units: 512, train: 120, test: 50, fitted: 96, heldOut: 24, division: 'given', converged: true })
  t.ok(report.accuracies.top1.interval[0] > 0.15, `top-1 ${report.accuracies.top1.value}, above chance`)
  t.ok(report.accuracies.top5!.interval[0] > 0.6, `top-5 ${report.accuracies.top5!.value}`)
  const { top1, top5, chance, heads } = head.untrained
  t.match({ chance, heads }, { chance: { top1: 0.1, top5: 0.5 }, heads: 100 })
  t.ok(top1.interval[0] <= 0.1 && top1.interval[1] >= 0.1, `untrained top-1 ${top1.interval.join(' to ')}`)
  t.ok(top5!.interval[0] <= 0.5 && top5!.interval[1] >= 0.5, `untrained top-5 ${top5!.interval.join(' to ')}`)
  t.ok(top1.interval[1] < report.accuracies.top1.interval[0], 'the trained head is better than those')
  t.equal(head.path.length, 10)
  t.equal(head.C, head.path.find((one) => one.top1 === Math.max(...head.path.map((each) => each.top1)))!.C)
  t.equal(report.accuracies.perClass!.length, 10)
  t.equal(report.accuracies.perClass![3].label, 'cat')
  t.match(report.warnings, [/50000 training and 10000 test images; here are 120 and 50/])
  t.same([...new Set(stages)], ['images', 'penalties', 'untrained heads'])
})

t.test('any class folders train a head: divided by the seed, bad images named, the same again for the same seed', async (t) => {
  const folder = temporaryFolder(t)
  const root = path.join(folder, 'images')
  writeFolders(root, { red: 0, green: 2, blue: 4 }, 8)
  fs.writeFileSync(path.join(root, 'red', 'broken.png'), Buffer.from('\x89PNG\r\n\x1a\nno more', 'latin1'))
  const run = (change: Partial<ClassificationRequest> = {}): Promise<ClassificationReport> => classifyImages(contextIn(folder), { input: root, ...random, head: 'trained', ...change })
  const report = await run()
  t.match(report.head, { train: 19, test: 5, fitted: 15, heldOut: 4, division: /0\.2 of each class, by seed 0/ })
  t.match(report.accuracies, { images: 5, classes: 3, top5: null, top5Reason: /3 classes/ })
  t.match(report.refused, [{ image: 'red/broken.png', detail: /red\/broken\.png is truncated or damaged/ }])
  t.match(report.preprocessing, { kind: 'crop', resize: 256, crop: 224, filter: 'bilinear', from: /CORnet/ })
  t.same(await run(), report)
  await t.rejects(run({ test: 0.05 }), { code: 'too-few-stimuli', message: /too small for 3 classes/ })
  await t.rejects(run({ layer: 'V9' }), { code: 'unknown-layer' })
  await t.rejects(run({ heldOut: 1 }), { code: 'invalid-value', errors: [{ pointer: '/heldOut' }] })
  await t.rejects(classifyImages(contextIn(folder, 1e6), { input: root, ...random, head: 'trained', layer: 'V1' }), { code: 'does-not-fit', message: /smaller layer/ })
  fs.rmSync(path.join(root, 'blue'), { recursive: true })
  writeFolders(root, { blue: 4 }, 1)
  await t.rejects(run(), { code: 'too-few-stimuli', message: /The class "blue" has one labelled image/ })
})

t.test('what means nothing is refused: options of the other head, own classes of CIFAR, classes that the network has not', async (t) => {
  const folder = temporaryFolder(t)
  writeCifar10(path.join(folder, 'cifar'), { train: 1, test: 1 })
  writeFolders(path.join(folder, 'own'), { '17': 0 }, 1)
  writeFolders(path.join(folder, 'strange'), { tabby: 0 }, 1)
  const run = (input: string, change: Partial<ClassificationRequest>): Promise<ClassificationReport> => classifyImages(contextIn(folder), { input: path.join(folder, input), ...random, ...change })
  await t.rejects(run('cifar', { head: 'own' }), { code: 'invalid-value', message: /no classes of CIFAR/ })
  await t.rejects(run('cifar', { resize: 256 }), { code: 'unknown-field', message: /^resize means nothing for CIFAR/ })
  await t.rejects(run('cifar', { test: 0.5 }), { code: 'unknown-field', message: /^test means nothing/ })
  await t.rejects(run('cifar', { labels: 'x.csv' }), { code: 'invalid-value', errors: [{ pointer: '/labels' }] })
  await t.rejects(run('own', { layer: 'IT' }), { code: 'unknown-field', message: /^layer means nothing for a network’s own classes/ })
  await t.rejects(run('own', { resize: 200 }), { code: 'invalid-value', message: /from 224/ })
  await t.rejects(run('own', { backbone: 'pixels' }), { code: 'invalid-value', message: /pixels has no classes/ })
  await t.rejects(run('strange', {}), { code: 'invalid-value', message: /tabby\/0\.bmp is of the class "tabby", which is no class of cornet_z/ })
  await t.rejects(run('nowhere', {}), { code: 'not-found' })
})

t.test('folders by number: the head’s own scores; images that cannot be read count in nothing', async (t) => {
  const folder = temporaryFolder(t)
  const root = path.join(folder, 'val')
  writeFolders(root, { '0': 0, '285': 2, '999': 4 }, 6)
  const run = (): Promise<ClassificationReport> => classifyImages(contextIn(folder), { input: root, ...random })
  const report = await run()
  t.match(report, { head: { kind: 'own', layer: 'decoder', published: null }, accuracies: { images: 18, classes: 1000 } })
  t.ok(report.accuracies.top5!.correct <= 6, 'random weights know little of 1,000 classes')
  for (const name of fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) fs.truncateSync(path.join(name.parentPath, name.name), 20)
  await t.rejects(run(), { code: 'not-an-image', message: /None of the 18 images can be read: 0\/0\.bmp/ })
})

t.test('ImageNet-trained SqueezeNet names five photographs, as does its ONNX file as a model of one’s own', needs('data', 'weights', 'squeezenet1_1.pth'), async (t) => {
  const context = await openTestContext(t)
  const checkpoint = shared('data', 'weights', 'squeezenet1_1.pth')
  await addWeights(context, 'squeezenet1_1', checkpoint, { source: 'zoo' })
  const folder = temporaryFolder(t)
  const photos = { n02124075: 'chelsea.png', n07920052: 'coffee.png', n01818515: 'coral_parrot.jpg', n01592084: 'coral_bird.bmp', n07697537: 'coral_hot_dog.jpg' }
  const labels = path.join(folder, 'labels.csv')
  fs.writeFileSync(labels, `filename,synset\n${Object.entries(photos).map(([synset, file]) => `${file},${synset}\n`).join('')}`)
  const run = (backbone: string): Promise<ClassificationReport> => classifyImages(context, { input: shared('data', 'photos'), labels, backbone, perClass: true })
  const report = await run('squeezenet1_1')
  t.match(report.accuracies, { images: 5, top1: { correct: 5, value: 1, interval: [Number, 1] }, top5: { correct: 5 } })
  t.match(report.accuracies.perClass!.find(({ label }) => label === 'n02124075'), { name: /Egyptian cat/, images: 1, top1: 1 })
  t.match(report.preprocessing, { resize: 256, crop: 224, filter: 'bilinear', from: /nothing is published for these/ })
  t.match(report.warnings, [/images have no line in labels\.csv/])

  const graph = getBackbone('squeezenet1_1')
  const { params } = await readWeights(checkpoint, graph.params, { where: 'checkpoint', backbone: graph.id })
  const { model } = buildOnnx(graph, params, { taps: [{ layer: 'classifier', pooling: 'none' }], normalise: false })
  fs.writeFileSync(path.join(folder, 'own.onnx'), model)
  await addModel(context, 'own', path.join(folder, 'own.onnx'), { source: 'own.onnx', where: 'own.onnx', settings: { mean: graph.preprocessing.mean, std: graph.preprocessing.std } })
  const own = await run('onnx:own')
  t.same(own.accuracies, report.accuracies)
  t.match(own.preprocessing, { resize: 256, crop: 224, from: 'the usual proportion: nothing is published' })
  await t.rejects(classifyImages(context, { input: shared('data', 'photos'), labels, backbone: 'onnx:own', head: 'trained' }), { code: 'missing-field', message: /say which/ })
})
