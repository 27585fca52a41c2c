import t from 'tap'
import { openBackbone } from '../../../src/models/activations.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { openTfjsBackbone, tfjsFacts } from '../../../src/models/tfjs/backbone.ts'
import { referenceParams } from '../../helper/golden.ts'
import { fill, uniforms } from '../../helper/generator.ts'
import { relativeError, smallNet } from './small-net.ts'

t.test('it says which backend runs and why no better one does', async (t) => {
  const facts = await tfjsFacts()
  t.match(facts, { backend: /^(wasm|tensorflow)$/, version: '4.22.0', device: /^(cpu|gpu)$/ })
  if (facts.backend === 'wasm') {
    t.strictSame(facts.unavailable.map((other) => other.package), ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'])
    for (const { reason } of facts.unavailable) t.match(reason, /not installed|does not load/)
  }
})

t.test('a backbone in a thread of its own', async (t) => {
  const graph = smallNet()
  const params = referenceParams(graph)
  const pixels = fill('input', [2, 3, 12, 12], 'input')
  const backbone = await openTfjsBackbone({ graph, params, taps: [{ layer: 'block', pooling: { grid: 2 } }, { layer: 'classifier', pooling: 'none' }], normalise: false })
  t.strictSame(backbone.layers, [{ layer: 'block', shape: [8, 2, 2], units: 32 }, { layer: 'classifier', shape: [5], units: 5 }])
  let ticks = 0
  const timer = setInterval(() => ticks++, 0)
  const both = await backbone.run(pixels, 2)
  clearInterval(timer)
  t.ok(ticks > 0, 'this thread stays free')
  t.strictSame([...both.keys()], ['block', 'classifier'])
  t.strictSame((await backbone.run(pixels.subarray(3 * 144), 1)).get('classifier'), both.get('classifier')!.slice(5), 'the batch changes no value')
  const whole = await backbone.runLayers({ count: 2, pixels }, ['pool', 'classifier'])
  const later = await backbone.runLayers({ count: 2, from: { layer: 'pool', activations: whole.get('pool')! } }, ['classifier'])
  t.strictSame([whole.get('classifier'), later.get('classifier')], [both.get('classifier'), both.get('classifier')])
  const { values, gradient } = await backbone.gradient({ count: 2, pixels }, 'pool', { layer: 'classifier', units: [4, 0] })
  t.strictSame([...values], [both.get('classifier')![4], both.get('classifier')![5]])
  t.equal(gradient.length, 2 * 8 * 3 * 3)
  await t.rejects(backbone.run(pixels, 1), /takes 3 x 12 x 12 values per image/)
  t.strictSame((await backbone.run(pixels, 2)).get('classifier'), both.get('classifier'), 'and goes on after a wrong call')
  await backbone.close()
  t.ok(pixels.length === 864, 'the pixels stay the caller\'s')
})

t.test('the normalisation is part of it', async (t) => {
  const graph = getBackbone('pixels')
  const pixels = Float32Array.from(uniforms('pixels', 3 * 224 * 224))
  const taps = [{ layer: 'pixels', pooling: 'none' as const }]
  const onnx = await openBackbone({ graph, params: new Map(), taps, threads: 1, normalise: true })
  const tfjs = await openTfjsBackbone({ graph, params: new Map(), taps, normalise: true })
  t.ok(relativeError((await tfjs.run(pixels, 1)).get('pixels')!, (await onnx.run(pixels, 1)).get('pixels')!) < 1e-6)
  await onnx.close()
  await tfjs.close()
})

t.test('wrong requests are answered in words', async (t) => {
  const graph = smallNet()
  const open = (layer: string, params = referenceParams(graph)) => openTfjsBackbone({ graph, params, taps: [{ layer, pooling: 'none' }], normalise: true })
  await t.rejects(open('pol'), { code: 'unknown-layer', message: /pool/ })
  const headless = new Map([...referenceParams(graph)].filter(([name]) => !name.startsWith('classifier')))
  await t.rejects(open('classifier', headless), { code: 'checkpoint-mismatch', message: /classifier.weight/ })
  await (await open('relu6', headless)).close()
})
