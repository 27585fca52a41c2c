import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'

const main = path.resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface Ran {
  status: number | null
  out: string
  err: string
}

const start = (args: string[], env: Record<string, string>, detached = false): ChildProcess =>
  // Without the test runner's own loaders, and without settings of the machine.
  spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached })

/** Runs the command line as a user does. */
export const ventral = async (args: string[], env: Record<string, string> = {}): Promise<Ran> => {
  const child = start(args, env)
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { status: child.exitCode, out, err }
}

export interface Served {
  url: string
  pid: number
  /** Signals the process, or its whole group as a terminal's Ctrl-C does; answers how it ended. */
  stop: (signal: NodeJS.Signals, group?: boolean) => Promise<{ status: number | null; err: string }>
}

/** `ventral serve --json` on a free port; killed, should it still run, when the test ends. */
export const serveVentral = async (t: { teardown: (fn: () => unknown) => void }, home: string, env: Record<string, string> = {}): Promise<Served> => {
  const child = start(['serve', '--home', home, '--port', '0', '--json'], env, true)
  let [out, err] = ['', '']
  child.stdout!.on('data', (chunk) => (out += String(chunk)))
  child.stderr!.on('data', (chunk) => (err += String(chunk)))
  const closed = once(child, 'close')
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await closed
  })
  while (!out.includes('\n') && child.exitCode === null) await Promise.race([once(child.stdout!, 'data'), closed])
  if (!out.includes('\n')) throw new Error(`serve ended: ${err}`)
  const { url } = JSON.parse(out) as { url: string }
  return {
    url,
    pid: child.pid!,
    stop: async (signal, group = false) => {
      process.kill(group ? -child.pid! : child.pid!, signal)
      await closed
      return { status: child.exitCode, err }
    },
  }
}
