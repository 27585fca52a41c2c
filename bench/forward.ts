// Whole forward passes of one batch of 16 on one thread, each side in processes of its own: time against PyTorch eager and against
// torch.jit's optimize_for_inference, and peak RSS. Then how long a session of CORnet-S takes to build from its .pth.
//   npm run bench:forward -- [alexnet vgg16 …]
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openBackbone } from '../src/models/activations.ts'
import { getBackbone } from '../src/models/backbones/index.ts'
import { randomParams } from '../src/models/initialise.ts'
import { readWeights } from '../src/models/weights/read-weights.ts'
import { describeMachine, median, runPeer, say, secondsOf } from './measure.ts'

const BATCH = 16
const ROUNDS = 3
const REPEATS = 3

interface Run {
  seconds: number[]
  peakRssBytes: number
}

/** Our side, in a process of its own. */
const runOwn = async (arch: string): Promise<Run> => {
  const graph = getBackbone(arch)
  const backbone = await openBackbone({ graph, params: randomParams(graph, 0), taps: [{ layer: graph.layers.at(-1)!.name, pooling: 'none' }], threads: 1, normalise: true, reuse: true })
  const pixels = Float32Array.from({ length: BATCH * 3 * graph.inputSize ** 2 }, (_, i) => ((i * 2654435761) >>> 8) / 2 ** 24)
  await backbone.run(pixels, BATCH)
  const seconds: number[] = []
  for (let k = 0; k < REPEATS; k++) seconds.push(await secondsOf(() => backbone.run(pixels, BATCH)))
  return { seconds, peakRssBytes: 1024 * process.resourceUsage().maxRSS }
}

const own = (arch: string): Run => JSON.parse(execFileSync(process.execPath, [import.meta.filename, '--run', arch], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as Run

const compare = (arch: string): void => {
  const sides = { own: [] as Run[], eager: [] as Run[], optimised: [] as Run[] }
  for (let round = 0; round < ROUNDS; round++) {
    sides.own.push(own(arch))
    sides.eager.push(runPeer<Run>('torch_whole.py', [arch, 'eager', BATCH, REPEATS], 1))
    sides.optimised.push(runPeer<Run>('torch_whole.py', [arch, 'optimised', BATCH, REPEATS], 1))
  }
  const ms = (runs: Run[]): number => (1000 * median(runs.map(({ seconds }) => median(seconds)))) / BATCH
  const megabytes = (runs: Run[]): number => median(runs.map(({ peakRssBytes }) => peakRssBytes)) / 1e6
  const [a, b, c] = [ms(sides.own), ms(sides.eager), ms(sides.optimised)]
  say(
    `${arch}: ${a.toFixed(1)} ms an image; PyTorch eager ${b.toFixed(1)}: ${(b / a).toFixed(2)}x; optimised ${c.toFixed(1)}: ${(c / a).toFixed(2)}x; ` +
      `peak RSS ${megabytes(sides.own).toFixed(0)} MB, eager ${megabytes(sides.eager).toFixed(0)}, optimised ${megabytes(sides.optimised).toFixed(0)}`,
  )
}

const openCheckpoint = async (): Promise<void> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
  try {
    const file = path.join(folder, 'cornet_s.pth')
    execFileSync(process.env.VENTRAL_BENCH_PYTHON ?? '/usr/bin/python3', [path.join(import.meta.dirname, 'peers', 'torch_whole.py'), 'cornet_s', 'save', file])
    const graph = getBackbone('cornet_s')
    const [reading, building] = [[] as number[], [] as number[]]
    for (let round = 0; round < 5; round++) {
      let params: ReadonlyMap<string, Float32Array> = new Map()
      reading.push(await secondsOf(async () => ({ params } = await readWeights(file, graph.params, { where: 'cornet_s.pth', backbone: graph.id }))))
      building.push(await secondsOf(async () => (await openBackbone({ graph, params, taps: [{ layer: 'IT.output-t1', pooling: 'none' }], threads: 1, normalise: true })).close()))
    }
    say(`cornet_s from its .pth: read in ${median(reading).toFixed(2)} s, session built in ${median(building).toFixed(2)} s`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--run') console.log(JSON.stringify(await runOwn(rest[0])))
else {
  describeMachine()
  for (const arch of first === undefined ? ['alexnet', 'vgg16', 'resnet18', 'resnet50', 'densenet121', 'mobilenet_v2', 'efficientnet_b0', 'cornet_s'] : [first, ...rest]) compare(arch)
  await openCheckpoint()
}
