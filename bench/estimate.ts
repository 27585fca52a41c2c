// Estimated against measured peak memory of fits of several sizes, each in a process of its own.
//   npm run bench:estimate -- [STIMULI ...]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig } from '../src/config.ts'
import type { FitRequest } from '../src/domain/fit.ts'
import { besides, startFitProcess } from '../src/jobs/delivery.ts'
import { openContext } from '../src/pipeline/context.ts'
import { estimateFit } from '../src/pipeline/estimate.ts'
import { resolveRequest } from '../src/pipeline/fits.ts'
import { newId } from '../src/storage/ids.ts'
import { insertFit } from '../src/storage/repositories/fits.ts'
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [200, 1000, 2560]
const kinds: Omit<FitRequest, 'dataset'>[] = [
  { backbone: 'pixels', layers: ['pixels'], pooling: { grid: 28 } },
  { backbone: 'squeezenet1_1', weights: 'random', layers: ['features.4', 'features.7'], pooling: 'none' },
  { backbone: 'resnet18', weights: 'random', layers: ['layer1', 'layer4'], pooling: { grid: 4 } },
  { backbone: 'resnet18', weights: 'random', layers: ['layer2'], pooling: 'none', encoder: 'none' },
  { backbone: 'squeezenet1_1', weights: 'random', layers: ['features.12'], pooling: { grid: 2 }, mapping: { method: 'pls' } },
]

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
const context = await openContext(loadConfig({ home: path.join(folder, 'home') }))
try {
  for (const n of counts) {
    const dataset = await makeDataset(context, fs.mkdtempSync(path.join(folder, 'n-')), { n, sites: 100 })
    for (const kind of kinds)
      for (const threads of [1, 2]) {
        const config = { ...context.config, threads }
        const body = { dataset, ...kind }
        const { memoryBytes, diskBytes, seconds } = await estimateFit({ ...context, config }, body)
        const request = await resolveRequest(context, body)
        const { id: fit } = await context.db.transaction((tx) => insertFit(tx, { id: newId(), owner: 'local', request }))
        const started = performance.now()
        const end = await startFitProcess({ config, fit, fitModule: besides('../pipeline/fit').replace('/bench/', '/src/jobs/'), onProgress: () => undefined }).ending
        if (end.kind !== 'outcome') throw new Error(JSON.stringify(end))
        const { peakRssBytes } = end.outcome
        say(
          `${n} ${kind.backbone} ${kind.mapping?.method ?? 'ridge'} ${JSON.stringify(kind.pooling)} ${String(kind.layers)} encoder ${kind.encoder ?? 'best'}, ${threads} threads: ` +
            `${(memoryBytes / 1e6).toFixed(0)} MB estimated, ${(peakRssBytes / 1e6).toFixed(0)} measured, ratio ${(memoryBytes / peakRssBytes).toFixed(2)}; ${(diskBytes / 1e9).toFixed(2)} GB; ${seconds} s estimated, ${((performance.now() - started) / 1000).toFixed(0)} taken`,
        )
      }
  }
} finally {
  await context.close()
  fs.rmSync(folder, { recursive: true, force: true })
}
