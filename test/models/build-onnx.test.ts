import fs from 'node:fs/promises'
import path from 'node:path'
import * as ort from '../../src/numerics/onnx/runtime.ts'
import t from 'tap'
import { VentralError } from '../../src/domain/errors.ts'
import { openBackbone } from '../../src/models/activations.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import type { OnnxOptions } from '../../src/models/build-onnx.ts'
import { buildOnnx } from '../../src/models/build-onnx.ts'
import { createGraphBuilder } from '../../src/models/graph-builder.ts'
import { randomParams } from '../../src/models/initialise.ts'
import { neededNodes } from '../../src/models/parts.ts'
import { adaptiveWindows } from '../../src/models/shapes.ts'
import { writeOnnx } from '../../src/models/write-onnx.ts'
import { decodeModel } from '../../src/numerics/onnx/schema.ts'
import { createSession } from '../../src/numerics/onnx/session.ts'
import { uniforms } from '../helper/generator.ts'

const squeezenet = getBackbone('squeezenet1_1')
const params = randomParams(squeezenet, 0)
const image = (count: number): Float32Array => Float32Array.from(uniforms('pixels', count * 3 * 224 * 224))

const activations = async (taps: OnnxOptions['taps'], pixels: Float32Array, count: number, id = 'squeezenet1_1'): Promise<Map<string, Float32Array>> => {
  const graph = getBackbone(id)
  const backbone = await openBackbone({ graph, params: id === 'squeezenet1_1' ? params : randomParams(graph, 0), taps, threads: 1, normalise: true })
  const out = await backbone.run(pixels, count)
  await backbone.close()
  return out
}

const largestDifference = (a: Float32Array, b: Float32Array): number => {
  if (a.length !== b.length) return Infinity
  let difference = 0
  let scale = 0
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    scale = Math.max(scale, Math.abs(b[i]))
  }
  return difference / scale
}

t.test('truncation leaves what the taps need', async (t) => {
  const names = neededNodes(squeezenet, ['features.3.expand1x1']).map(({ name }) => name)
  t.strictSame(names, ['input', 'features.0', 'features.1', 'features.2', 'features.3.squeeze', 'features.3.squeeze_activation', 'features.3.expand1x1'])
  const { graph } = decodeModel(buildOnnx(squeezenet, params, { taps: [{ layer: 'features.2', pooling: 'none' }], normalise: true }).model)
  t.notOk(graph!.initializer!.some(({ name }) => name!.startsWith('features.3')), 'and no further weights')
})

t.test('neither batch size, nor the choice of taps, nor truncation changes a value', async (t) => {
  const pixels = image(3)
  const several = await activations(['features.2', 'features.7', 'features.10', 'classifier'].map((layer) => ({ layer, pooling: 'none' })), pixels, 3)
  for (const layer of ['features.2', 'features.7']) {
    const alone = await activations([{ layer, pooling: 'none' }], pixels.subarray(0, 3 * 224 * 224), 1)
    const units = alone.get(layer)!.length
    t.ok(largestDifference(alone.get(layer)!, several.get(layer)!.subarray(0, units)) < 1e-6, layer)
  }
})

t.test('the normalisation is part of the model', async (t) => {
  const pixels = image(1)
  const mean = [0.485, 0.456, 0.406]
  const std = [0.229, 0.224, 0.225]
  const normal = pixels.map((value, i) => (value - mean[Math.floor(i / (224 * 224))]) / std[Math.floor(i / (224 * 224))])
  const inside = await activations([{ layer: 'pixels', pooling: 'none' }], pixels, 1, 'pixels')
  t.ok(largestDifference(inside.get('pixels')!, normal) < 1e-6, 'the layer pixels is the normalised image')
  const pixelsTap = [{ layer: 'pixels', pooling: 'none' as const }]
  const asItIs = await openBackbone({ graph: getBackbone('pixels'), params: new Map(), taps: pixelsTap, threads: 1, normalise: false })
  t.strictSame((await asItIs.run(normal, 1)).get('pixels'), normal, 'without it the input passes unchanged')
  await asItIs.close()
  await t.rejects(asItIs.run(normal, 2), /values per image/, 'and must be as long as it says')
})

/** torch's adaptive average pooling by its definition. */
const adaptiveAverage = (values: Float32Array, [channels, height, width]: readonly number[], rows: number, cols: number): Float32Array => {
  const out: number[] = []
  for (let c = 0; c < channels; c++) {
    for (const [top, bottom] of adaptiveWindows(height, rows)) {
      for (const [left, right] of adaptiveWindows(width, cols)) {
        let sum = 0
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += values[(c * height + y) * width + x]
        out.push(sum / ((bottom - top) * (right - left)))
      }
    }
  }
  return Float32Array.from(out)
}

t.test('pooling to a grid is adaptive average pooling', async (t) => {
  t.strictSame(adaptiveWindows(13, 4), [[0, 4], [3, 7], [6, 10], [9, 13]], "torch's windows overlap where sides do not divide")
  const pixels = image(1)
  // 13 x 13 and 111 x 111 do not divide, 224 does; a side of 27 is no longer than a grid of 28.
  const cases: [string, number, number[]][] = [
    ['features.12', 4, [512, 4, 4]],
    ['features.1', 5, [64, 5, 5]],
    ['features.5', 28, [128, 27, 27]],
    ['features.7', 1, [256, 1, 1]],
    ['classifier', 4, [1000, 1, 1]],
  ]
  for (const [layer, grid, shape] of cases) {
    const plain = await activations([{ layer, pooling: 'none' }], pixels, 1)
    const backbone = await openBackbone({ graph: squeezenet, params, taps: [{ layer, pooling: { grid } }], threads: 1, normalise: true })
    t.strictSame(backbone.layers, [{ layer, shape, units: shape[0] * shape[1] * shape[2] }])
    const pooled = (await backbone.run(pixels, 1)).get(layer)!
    await backbone.close()
    const info = squeezenet.layers.find(({ name }) => name === layer)!
    t.ok(largestDifference(pooled, adaptiveAverage(plain.get(layer)!, info.shape, shape[1], shape[2])) < 1e-6, `${layer}, grid ${grid}`)
  }
  const control = await activations([{ layer: 'pixels', pooling: { grid: 28 } }], pixels, 1, 'pixels')
  const whole = await activations([{ layer: 'pixels', pooling: 'none' }], pixels, 1, 'pixels')
  t.ok(largestDifference(control.get('pixels')!, adaptiveAverage(whole.get('pixels')!, [3, 224, 224], 28, 28)) < 1e-6, 'the pixels control')
})

t.test('pooling where one side only is longer than the grid', async (t) => {
  const g = createGraphBuilder({ id: 'oblong', family: 'test', inputSize: 30 })
  g.tap('wide', g.maxPool('pool', g.input, { kernel: [10, 1], stride: [10, 1] }))
  g.tap('tall', g.maxPool('pool2', g.input, { kernel: [1, 10], stride: [1, 10] }))
  const graph = g.finish({ defaults: ['wide'] })
  const pixels = Float32Array.from(uniforms('oblong', 3 * 30 * 30))
  const open = (pooling: 'none' | { grid: number }) =>
    openBackbone({ graph, params: new Map(), taps: ['wide', 'tall'].map((layer) => ({ layer, pooling })), threads: 1, normalise: false })
  const [plain, pooled] = [await open('none'), await open({ grid: 7 })]
  const [values, averages] = [await plain.run(pixels, 1), await pooled.run(pixels, 1)]
  t.ok(largestDifference(averages.get('wide')!, adaptiveAverage(values.get('wide')!, [3, 3, 30], 3, 7)) < 1e-6)
  t.ok(largestDifference(averages.get('tall')!, adaptiveAverage(values.get('tall')!, [3, 30, 3], 7, 3)) < 1e-6)
})

t.test('a max pool with ceil mode takes the last partial window', async (t) => {
  const g = createGraphBuilder({ id: 'ceil', family: 'test', inputSize: 6 })
  g.maxPool('ceil', g.input, { kernel: 3, stride: 2, ceil: true })
  g.maxPool('floor', g.input, { kernel: 3, stride: 2 })
  const graph = g.finish({ defaults: ['ceil'] })
  t.strictSame(graph.layers.map(({ shape }) => shape), [[3, 3, 3], [3, 2, 2]])
  const backbone = await openBackbone({ graph, params: new Map(), taps: [{ layer: 'ceil', pooling: 'none' }], threads: 1, normalise: false })
  // Negative values: a padding of 0 in place of -∞ would show.
  const pixels = Float32Array.from({ length: 108 }, (_, i) => -200 + i)
  t.strictSame([...(await backbone.run(pixels, 1)).get('ceil')!.subarray(0, 9)], [-186, -184, -183, -174, -172, -171, -168, -166, -165])
  await backbone.close()
})

t.test('an encoder is one model: pixels to rates', async (t) => {
  const layer = 'features.12'
  const pooling = { grid: 2 }
  const sites = 3
  const weights = { rows: 512 * 4, cols: sites, data: Float32Array.from(uniforms('readout', 512 * 4 * sites), (u) => u - 0.5) }
  const bias = Float32Array.of(1, -2, 3)
  const metadata = { unit: 'spikes/s', sites: '["a","b","c"]' }
  const { model } = buildOnnx(squeezenet, params, { taps: [{ layer, pooling }], normalise: true, readout: { weights, bias }, metadata })
  const message = decodeModel(model)
  t.strictSame(message.opsetImport, [{ domain: '', version: 17 }])
  t.strictSame(Object.fromEntries(message.metadataProps!.map(({ key, value }) => [key, value])), metadata)

  const session = await createSession(model, { threads: 1 })
  t.strictSame([session.inputNames, session.outputNames], [['pixels'], ['rates']])
  const pixels = image(2)
  const { rates } = await session.run({ pixels: new ort.Tensor('float32', pixels, [2, 3, 224, 224]) })
  t.strictSame(rates.dims, [2, sites])
  const x = (await activations([{ layer, pooling }], pixels, 2)).get(layer)!
  const expected = Float32Array.from({ length: 2 * sites }, (_, at) => {
    const [row, site] = [Math.floor(at / sites), at % sites]
    let sum = bias[site]
    for (let u = 0; u < weights.rows; u++) sum += x[row * weights.rows + u] * weights.data[u * sites + site]
    return sum
  })
  t.ok(largestDifference(rates.data as Float32Array, expected) < 1e-5)
  await session.release()
  t.throws(() => buildOnnx(squeezenet, params, { taps: [{ layer, pooling: 'none' }], normalise: true, readout: { weights, bias } }), /does not fit/)
})

t.test('weights in a file of their own give the same values', async (t) => {
  const taps = [{ layer: 'classifier', pooling: 'none' as const }]
  const folder = t.testdir()
  const build = buildOnnx(squeezenet, params, { taps, normalise: true, externalAbove: 0 })
  t.ok(build.model.length < 100_000, 'the model itself is small')
  const file = await writeOnnx(build, folder)
  t.equal((await fs.stat(path.join(folder, 'model.weights'))).size, build.weights!.bytes)
  const session = await createSession(file, { threads: 1 })
  const pixels = image(1)
  const out = await session.run({ pixels: new ort.Tensor('float32', pixels, [1, 3, 224, 224]) })
  t.ok(largestDifference(out[build.taps[0].name].data as Float32Array, (await activations(taps, pixels, 1)).get('classifier')!) < 1e-7)
  await session.release()
})

t.test('a large backbone leaves no file behind', async (t) => {
  const folder = t.testdir()
  const graph = getBackbone('alexnet')
  const taps = [{ layer: 'classifier.1', pooling: 'none' as const }]
  const backbone = await openBackbone({ graph, params: randomParams(graph, 0), taps, threads: 1, normalise: true, folder })
  t.strictSame(await fs.readdir(folder), [], 'once it is open')
  t.equal((await backbone.run(image(1), 1)).get('classifier.1')!.length, 4096)
  await backbone.close()
})

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof VentralError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no error'
}

t.test('wrong requests are answered in words', async (t) => {
  const build = (layer: string, from: typeof params) => codeOf(() => buildOnnx(squeezenet, from, { taps: [{ layer, pooling: 'none' }], normalise: true }))
  t.match(build('features.99', params), /^unknown-layer: .*features\.9/)
  const tailless = new Map([...params].filter(([name]) => !name.startsWith('classifier')))
  t.match(build('classifier', tailless), /^checkpoint-mismatch: .*classifier\.1\.weight/)
  t.equal(build('features.12', tailless), 'no error', 'what no tap needs may be missing')
})
