import { isMainThread, Worker, workerData } from 'node:worker_threads'

/**
 * Ends this process when its parent is gone, even while the main thread is inside a native call and sees no event: a
 * SIGKILLed worker must not leave a fit behind that computes for nobody.
 */
export const dieWithParent = (): void => {
  const thread = new Worker(new URL(import.meta.url), { workerData: process.ppid, execArgv: process.execArgv })
  thread.unref()
}

if (!isMainThread) {
  const parent = workerData as number
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }, 500)
}
