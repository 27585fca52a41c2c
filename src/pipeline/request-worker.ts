import path from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { errorToPlain } from '../domain/errors.ts'
import { createLinearAlgebra } from '../numerics/linear-algebra.ts'
import { obeyCallFlags } from '../numerics/onnx/native-calls.ts'
import { createProducts } from '../numerics/products.ts'
import { openGramCache } from '../storage/gram-cache.ts'
import { onBehalfOf, openContext } from './context.ts'
import type { PipelineContext } from './context.ts'
import type { RdmWork } from './rdms/open-representation.ts'
import { tasks } from './request-tasks.ts'
import type { RequestThreadData } from './request-thread.ts'

const { config, folder, task, input, calls, owner } = workerData as RequestThreadData
const port = parentPort!
obeyCallFlags(calls)

/** Gram files are held in the name of this thread's folder, so that whoever ends the thread can let go of them. */
const inFolder = async (context: PipelineContext): Promise<PipelineContext> => ({
  ...context,
  grams: await openGramCache(context.home.folders.grams, config.cacheBytes, { holder: path.basename(folder) }),
  home: { ...context.home, folders: { ...context.home.folders, tmp: folder } },
})

try {
  const context = await openContext(config, { attach: true })
  const products = await createProducts({ threads: config.threads })
  try {
    const run = tasks[task] as (context: PipelineContext, input: unknown, work: RdmWork) => Promise<unknown>
    port.postMessage({ value: await run(onBehalfOf(await inFolder(context), owner), input, { products, tools: { la: await createLinearAlgebra(), products }, folder }) })
  } finally {
    await products.close()
    await context.close()
  }
} catch (error) {
  port.postMessage({ error: errorToPlain(error) })
}
