import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { besides } from './delivery.ts'
import type { ToWorker } from './messages.ts'

export interface SupervisedWorker {
  pid(): number | null
  stop(): Promise<void>
}

export interface SupervisorOptions {
  onNotice?: (text: string) => void
  /** URL of the module that exports runFit; the pipeline's unless given */
  fitModule?: string
}

const HEALTHY_MS = 30_000
const STOP_MS = 5_000

/** Keeps one worker process running: when it dies it is started again, at once the first time, later with growing pauses. */
export const superviseWorker = (config: Config, { onNotice = () => {}, fitModule = besides('../pipeline/fit') }: SupervisorOptions = {}): SupervisedWorker => {
  const stopping = new AbortController()
  let child: ChildProcess | null = null

  const keep = async (): Promise<void> => {
    for (let pause = 0; !stopping.signal.aborted; ) {
      const startedAt = Date.now()
      // The worker's output goes to our stderr: stdout may be a script's (`serve --json`).
      child = fork(fileURLToPath(besides('./worker-process')), [], { stdio: ['ignore', 2, 2, 'ipc'] })
      const start: ToWorker = { type: 'start', config, fitModule }
      child.send(start, () => {}) // a worker that is gone already tells so by its exit
      const how = await new Promise<string>((resolve) => {
        child!.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
        child!.once('error', (error) => resolve(error.message))
      })
      child = null
      if (stopping.signal.aborted) return
      pause = Date.now() - startedAt > HEALTHY_MS ? 0 : Math.min(2 * pause + 250, 10_000)
      onNotice(`The worker ended (${how}) and is started again.`)
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  const kept = keep()
  return {
    pid: () => child?.pid ?? null,
    stop: async () => {
      stopping.abort()
      const last = child
      if (last !== null && last.exitCode === null && last.signalCode === null) {
        const exited = once(last, 'exit')
        const stop: ToWorker = { type: 'stop' }
        last.send(stop, () => {})
        const timer = setTimeout(() => last.kill('SIGKILL'), STOP_MS)
        await exited
        clearTimeout(timer)
      }
      await kept
    },
  }
}
