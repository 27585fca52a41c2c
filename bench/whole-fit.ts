import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig } from '../src/config.ts'
import type { Config } from '../src/config.ts'
import type { FitRequest } from '../src/domain/fit.ts'
import type { ReportProgress } from '../src/domain/progress.ts'
import { besides, startFitProcess } from '../src/jobs/delivery.ts'
import { openContext } from '../src/pipeline/context.ts'
import type { PipelineContext } from '../src/pipeline/context.ts'
import { resolveRequest } from '../src/pipeline/fits.ts'
import { newId } from '../src/storage/ids.ts'
import { insertFit } from '../src/storage/repositories/fits.ts'
import { say } from './measure.ts'

/** Where a bench works: a data folder of its own in `folder`, gone afterwards. */
export interface Workplace {
  folder: string
  config: Config
  context: PipelineContext
}

/** Runs `work` on a fresh data folder. */
export const onFreshHome = async (work: (place: Workplace) => Promise<void>): Promise<void> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
  const config = loadConfig({ home: path.join(folder, 'home') })
  const context = await openContext(config)
  try {
    await work({ folder, config, context })
  } finally {
    await context.close()
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** A whole fit in a process of its own, as the worker runs it: what it took and left. */
export const runWholeFit = async ({ config, context }: Workplace, body: FitRequest, onProgress: ReportProgress): Promise<{ seconds: number; peakRssBytes: number; encoder: string | null }> => {
  const request = await resolveRequest(context, body)
  const { id: fit } = await context.db.transaction((tx) => insertFit(tx, { id: newId(), owner: 'local', request }))
  const started = performance.now()
  const { ending } = startFitProcess({ config, fit, fitModule: besides('../pipeline/fit').replace('/bench/', '/src/jobs/'), onProgress })
  const end = await ending
  if (end.kind !== 'outcome') throw new Error(JSON.stringify(end))
  return { seconds: (performance.now() - started) / 1000, peakRssBytes: end.outcome.peakRssBytes, encoder: end.outcome.encoder }
}

/** Prints each stage of a fit when it begins. */
export const stagesAsTheyBegin = (): ReportProgress => {
  const started = performance.now()
  let current = ''
  return ({ stage }) => {
    if (stage !== current) say(`  ${((performance.now() - started) / 1000).toFixed(0)} s: ${(current = stage)}`)
  }
}
