// Estimated against measured peak memory of fits of several sizes, each in a process of its own.
//   npm run bench:estimate -- [STIMULI ...]
import fs from 'node:fs'
import path from 'node:path'
import type { FitRequest } from '../src/domain/fit.ts'
import { estimateFit } from '../src/pipeline/estimate.ts'
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'
import { onFreshHome, runWholeFit } from './whole-fit.ts'

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [200, 1000, 2560]
const kinds: Omit<FitRequest, 'dataset'>[] = [
  { backbone: 'pixels', layers: ['pixels'], pooling: { grid: 28 } },
  { backbone: 'squeezenet1_1', weights: 'random', layers: ['features.4', 'features.7'], pooling: 'none' },
  { backbone: 'resnet18', weights: 'random', layers: ['layer1', 'layer4'], pooling: { grid: 4 } },
  { backbone: 'resnet18', weights: 'random', layers: ['layer2'], pooling: 'none', encoder: 'none' },
  { backbone: 'squeezenet1_1', weights: 'random', layers: ['features.12'], pooling: { grid: 2 }, mapping: { method: 'pls' } },
]

describeMachine()
await onFreshHome(async ({ folder, config: own, context }) => {
  for (const n of counts) {
    const dataset = await makeDataset(context, fs.mkdtempSync(path.join(folder, 'n-')), { n, sites: 100 })
    for (const kind of kinds)
      for (const threads of [1, 2]) {
        const config = { ...own, threads }
        const body = { dataset, ...kind }
        const { memoryBytes, diskBytes, seconds } = await estimateFit({ ...context, config }, body)
        const taken = await runWholeFit({ folder, config, context }, body, () => undefined)
        say(
          `${n} ${kind.backbone} ${kind.mapping?.method ?? 'ridge'} ${JSON.stringify(kind.pooling)} ${String(kind.layers)} encoder ${kind.encoder ?? 'best'}, ${threads} threads: ` +
            `${(memoryBytes / 1e6).toFixed(0)} MB estimated, ${(taken.peakRssBytes / 1e6).toFixed(0)} measured, ratio ${(memoryBytes / taken.peakRssBytes).toFixed(2)}; ${(diskBytes / 1e9).toFixed(2)} GB; ${seconds} s estimated, ${taken.seconds.toFixed(0)} taken`,
        )
      }
  }
})
