// All layers of VGG-16 in one fit: the output of every convolution, ReLU, pool and linear layer, unpooled; random weights, made-up pictures.
//   npm run bench:vgg16 -- [IMAGES [SITES]]
import fs from 'node:fs'
import path from 'node:path'
import { getBackbone } from '../src/models/backbones/index.ts'
import { distinctLayers } from '../src/models/graph.ts'
import { estimateFit } from '../src/pipeline/estimate.ts'
import { layerSizes } from '../src/pipeline/extract.ts'
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'
import { onFreshHome, runWholeFit } from './whole-fit.ts'

const [count = '640', siteCount = '168'] = process.argv.slice(2)
const [n, sites] = [Number(count), Number(siteCount)]

describeMachine()
await onFreshHome(async ({ folder, config, context }) => {
  const dataset = await makeDataset(context, folder, { n, sites, side: 224 })
  const body = { dataset, backbone: 'vgg16', weights: 'random', layers: 'all' as const, encoder: 'none' }
  const graph = getBackbone('vgg16')
  const sizes = layerSizes({ graph, pooling: 'none' }, distinctLayers(graph).map(({ name }) => name))
  const estimate = await estimateFit(context, body)
  say(`${sizes.length} layers, ${(sizes.reduce((sum, { units }) => sum + units, 0) / 1e6).toFixed(1)} million units; estimated ${(estimate.memoryBytes / 1e6).toFixed(0)} MB, ${(estimate.diskBytes / 1e9).toFixed(1)} GB of disk, ${estimate.seconds} s`)
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  const stages = new Map<string, { from: number; to: number }>()
  let disk = 0
  const watch = setInterval(() => (disk = Math.max(disk, spillOf(path.join(folder, 'home')))), 500)
  const { seconds, peakRssBytes } = await runWholeFit({ folder, config, context }, body, ({ stage }) => {
    if (!stages.has(stage)) stages.set(stage, { from: elapsed(), to: elapsed() })
    stages.get(stage)!.to = elapsed()
  }).finally(() => clearInterval(watch))
  let last = 0
  for (const [stage, { to }] of stages) {
    const layer = sizes.find((size) => stage === `Gram matrix of ${size.layer}`)
    say(`  ${(to - last).toFixed(1).padStart(7)} s  ${stage}${layer === undefined ? '' : ` (${layer.units} units)`}`)
    last = to
  }
  say(`${n} images, ${sizes.length} layers, ${sites} sites, ${config.threads} threads: ${seconds.toFixed(0)} s, ${(seconds / sizes.length).toFixed(1)} s a layer, peak RSS of the fit ${(peakRssBytes / 1e6).toFixed(0)} MB, most on disk at once ${(disk / 1e9).toFixed(1)} GB`)
})

/** Bytes of spilled activations; what goes while they are counted is not. */
function spillOf(home: string): number {
  try {
    return fs
      .readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.f32'))
      .reduce((bytes, { parentPath, name }) => bytes + (fs.statSync(path.join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0), 0)
  } catch {
    return 0
  }
}
