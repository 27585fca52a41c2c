import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isMissing } from '../durable-files.ts'
import { processStart, worksIn } from '../process-identity.ts'

const readPid = (file: string): number | null => {
  try {
    const pid = Number.parseInt(fs.readFileSync(file, 'latin1'), 10)
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** What the server with this pid says of itself in its pid file (`starting`, `ready`, `stopping`), or null when the file is not its own. */
export const postmasterStatus = (data: string, pid: number | undefined): string | null => {
  try {
    const lines = fs.readFileSync(path.join(data, 'postmaster.pid'), 'latin1').split('\n')
    return Number(lines[0]) === pid ? (lines[7]?.trim() ?? null) : null
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Pid of the server that runs on this data folder, after checking that the process is one; null when there is none. */
export const runningPostmaster = (data: string): number | null => {
  const pid = readPid(path.join(data, 'postmaster.pid'))
  return pid !== null && worksIn(pid, data) ? pid : null
}

/** Sends the signals in turn, each with the time it gets, until the process is gone. */
export const stopProcess = async (pid: number, steps: [NodeJS.Signals, number][]): Promise<void> => {
  const start = processStart(pid)
  for (const [signal, ms] of steps) {
    if (start === null || processStart(pid) !== start) return
    try {
      process.kill(pid, signal)
    } catch {
      return // gone in between
    }
    for (const end = Date.now() + ms; Date.now() < end; await delay(10)) if (processStart(pid) !== start) return
  }
  throw new Error(`process ${pid} does not stop`)
}

/** Fast shutdown; then the immediate one, which the next start recovers from; then SIGKILL. */
export const stopPostmaster = (pid: number, patienceMs: number): Promise<void> =>
  stopProcess(pid, [
    ['SIGINT', patienceMs],
    ['SIGQUIT', 1_000],
    ['SIGKILL', 5_000],
  ])

/**
 * Makes what a killed server left harmless, once it is sure that it does not run. The pid in postmaster.pid may belong to
 * a zombie or, recycled, to somebody else: PostgreSQL would refuse to start. The file itself must stay, since it names
 * the shared memory by which PostgreSQL sees whether old backends still work on the data; our own pid, as that of the
 * parent, is one that it knows to be no server.
 */
export const clearStaleFiles = (data: string, socketFolder: string): void => {
  const file = path.join(data, 'postmaster.pid')
  const pid = readPid(file)
  if (pid !== null && pid !== process.pid && exists(pid)) {
    const lines = fs.readFileSync(file, 'latin1').split('\n')
    fs.writeFileSync(file, [String(process.pid), ...lines.slice(1)].join('\n'), { encoding: 'latin1', flush: true })
  }
  for (const name of fs.readdirSync(socketFolder)) if (name.startsWith('.s.PGSQL.')) fs.rmSync(path.join(socketFolder, name), { force: true })
}

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}
