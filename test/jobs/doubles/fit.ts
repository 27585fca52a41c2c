import fs from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { VentralError } from '../../../src/domain/errors.ts'
import type { ReportProgress } from '../../../src/domain/progress.ts'
import type { PipelineContext } from '../../../src/pipeline/context.ts'
import type { FitOutcome } from '../../../src/pipeline/fit.ts'
import { getFit } from '../../../src/storage/repositories/fits.ts'

/** Stands for the pipeline's fit: does what the request's backbone says, and notes every start in home/starts. */
export const runFit = async (
  context: PipelineContext,
  id: string,
  { onProgress, signal }: { onProgress: ReportProgress; signal: AbortSignal },
): Promise<FitOutcome> => {
  const fit = await getFit(context.db, id)
  fs.appendFileSync(`${context.config.home}/starts`, `${id} ${process.pid} ${process.ppid}\n`)
  onProgress({ stage: 'extract', done: 0, total: 2 })
  const how = fit.backbone
  const starts = fs.readFileSync(`${context.config.home}/starts`, 'utf8').split('\n').filter((line) => line.startsWith(id)).length
  if (how === 'crash' || (how === 'crash-once' && starts === 1)) {
    process.stderr.write('terminate called after throwing std::bad_alloc\n')
    await delay(50)
    process.kill(process.pid, 'SIGKILL')
    await delay(60_000)
  }
  if (how === 'defect') throw new TypeError('undefined is not a matrix')
  if (how === 'too-few') throw new VentralError('too-few-stimuli', 'There are fewer stimuli than folds.', [{ pointer: '/split/folds', expected: 'at most 3', found: '10' }])
  if (how === 'long' || (how === 'long-once' && starts === 1)) await delay(120_000, undefined, { signal })
  if (how === 'deaf') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120_000) // like a native call: hears nothing
  onProgress({ stage: 'extract', done: 2, total: 2 })
  const { sha256 } = await context.blobs.put(Buffer.from(JSON.stringify({ of: id, backbone: how })))
  return { scores: sha256, predictions: {}, record: {}, encoder: null }
}
