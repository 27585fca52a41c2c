import os from 'node:os'
import { runWorker } from './worker.ts'
import type { ToWorker } from './messages.ts'

// The worker that `serve` starts and supervises (supervisor.ts). It goes with the server: a closed channel ends it.

const stopping = new AbortController()
const notice = (text: string): void => {
  process.stderr.write(`worker: ${text}\n`)
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'stop') stopping.abort()
  else
    runWorker(message.config, { signal: stopping.signal, onNotice: notice, fitModule: message.fitModule }).then(
      () => process.exit(0),
      (error: unknown) => {
        notice(error instanceof Error ? (error.stack ?? error.message) : String(error))
        process.exit(1)
      },
    )
})
process.on('disconnect', () => process.exit(1))
// A signal to the whole group (Ctrl-C) is for the server, which tells us to stop.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
os.setPriority(10) // answering requests comes first; the fit processes inherit it
