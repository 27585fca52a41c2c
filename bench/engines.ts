// Whole forward passes on both engines, one thread, batches of four, in turns.
//   npm run bench:engines -- [squeezenet1_1 resnet18 …]
import { openBackbone } from '../src/models/activations.ts'
import { getBackbone } from '../src/models/backbones/index.ts'
import { randomParams } from '../src/models/initialise.ts'
import { openTfjsBackbone } from '../src/models/tfjs/backbone.ts'
import { describeMachine, median, say, secondsOf } from './measure.ts'

const BATCH = 4
const ROUNDS = 7

describeMachine()
for (const id of process.argv.length > 2 ? process.argv.slice(2) : ['squeezenet1_1', 'mobilenet_v2', 'resnet18', 'resnet50']) {
  const graph = getBackbone(id)
  const request = { graph, params: randomParams(graph, 0), taps: [{ layer: graph.layers.at(-1)!.name, pooling: 'none' as const }], normalise: true }
  const [onnx, tfjs] = [await openBackbone({ ...request, threads: 1 }), await openTfjsBackbone(request)]
  const pixels = Float32Array.from({ length: BATCH * 3 * graph.inputSize ** 2 }, (_, i) => ((i * 2654435761) >>> 8) / 2 ** 24)
  const seconds = { onnx: [] as number[], tfjs: [] as number[] }
  await Promise.all([onnx, tfjs].map((engine) => engine.run(pixels, BATCH))) // the first run prepares weights
  for (let round = 0; round < ROUNDS; round++) {
    seconds.onnx.push(await secondsOf(() => onnx.run(pixels, BATCH)))
    seconds.tfjs.push(await secondsOf(() => tfjs.run(pixels, BATCH)))
  }
  await onnx.close()
  await tfjs.close()
  const [a, b] = [(1000 * median(seconds.onnx)) / BATCH, (1000 * median(seconds.tfjs)) / BATCH]
  say(`${id}: onnx ${a.toFixed(1)} ms an image, tfjs (${tfjs.facts.package}, ${tfjs.facts.device}) ${b.toFixed(1)} ms, ${(b / a).toFixed(1)} times as long`)
}
