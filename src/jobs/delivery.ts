import { fork, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { computingEnvironment } from '../config.ts'
import type { Config } from '../config.ts'
import type { FitProgress } from '../domain/fit.ts'
import type { FitResults } from '../storage/repositories/fit-deliveries.ts'
import type { FromFit, ToFit } from './messages.ts'

/** How a fit process ended. */
export type Ending =
  | { kind: 'outcome'; outcome: FitResults }
  | { kind: 'error'; error: Extract<FromFit, { type: 'error' }>['error']; retry: boolean }
  /** it died by itself: `how` tells the signal or exit code */
  | { kind: 'crash'; how: string; stderr: string }
  /** it was made to end: by `cancel` or `kill` */
  | { kind: 'ended' }

export interface FitProcess {
  ending: Promise<Ending>
  /** asks it to stop, and kills it when it has not within three seconds */
  cancel: () => void
  kill: () => void
}

export interface FitProcessOptions {
  config: Config
  fit: string
  /** URL of the module that exports runFit */
  fitModule: string
  onProgress: (progress: FitProgress) => void
}

/** URL of a module beside this one, in whichever form this one runs (.ts from a checkout, .js from dist). */
export const besides = (name: string): string => new URL(`${name}${path.extname(import.meta.url)}`, import.meta.url).href

const GRACE_MS = 3_000
const LAST_WORDS = 4_000

/** Starts the process of one fit. */
export const startFitProcess = ({ config, fit, fitModule, onProgress }: FitProcessOptions): FitProcess => {
  const child: ChildProcess = fork(fileURLToPath(besides('./fit-process')), [], { env: computingEnvironment(), stdio: ['ignore', 2, 'pipe', 'ipc'] })
  let said: Ending | null = null
  let made = false
  let stderr = ''
  let timer: NodeJS.Timeout | undefined

  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LAST_WORDS)
    process.stderr.write(text)
  })
  child.on('message', (message: FromFit) => {
    if (message.type === 'progress') onProgress(message.progress)
    else if (message.type === 'outcome') said = { kind: 'outcome', outcome: message.outcome }
    else if (message.type === 'error') said = { kind: 'error', error: message.error, retry: message.retry }
    else said = { kind: 'ended' }
  })

  const ending = new Promise<Ending>((resolve) => {
    const end = (how: string): void => {
      clearTimeout(timer)
      resolve(said ?? (made ? { kind: 'ended' } : { kind: 'crash', how, stderr: stderr.trim() }))
    }
    child.on('error', (error) => end(error.message))
    child.on('close', (code, signal) => end(signal ?? `exit code ${code}`)) // close, not exit: stderr is complete
  })

  const kill = (): void => {
    made = true
    child.kill('SIGKILL')
  }
  const send = (message: ToFit): void => {
    child.send(message, () => {}) // a process that is gone already has its ending told by `close`
  }
  send({ type: 'run', config, fit, fitModule })
  return {
    ending,
    cancel: () => {
      if (made) return
      made = true
      send({ type: 'cancel' })
      timer = setTimeout(kill, GRACE_MS)
    },
    kill,
  }
}
