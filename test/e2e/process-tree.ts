import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

export interface Running {
  pid: number
  command: string
}

/** A process and all its descendants, as they are now. */
export const processTree = (root: number): Running[] => {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => /^ *(\d+) +(\d+) +(\S+) +(.*)$/.exec(line)!)
    .map(([, pid, parent, state, command]) => ({ pid: Number(pid), parent: Number(parent), state, command }))
    .filter(({ state }) => !state.startsWith('Z'))
  const found = new Set([root])
  for (let before = 0; before < found.size; ) {
    before = found.size
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid)
  }
  return all.filter(({ pid }) => found.has(pid)).map(({ pid, command }) => ({ pid, command }))
}

/** The descendant that runs the given program, once there is one other than `not`. */
export const awaitProcess = async (root: number, program: string, not?: number): Promise<number> => {
  for (const end = Date.now() + 30_000; ; await delay(50)) {
    const found = processTree(root).find(({ pid, command }) => command.includes(program) && pid !== not)
    if (found !== undefined) return found.pid
    if (Date.now() > end) throw new Error(`no process of ${root} runs ${program}`)
  }
}

export const killTree = (root: number): void => {
  for (const { pid } of processTree(root)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it ended with its parent
    }
  }
}

/** Whether all of the processes end in time. */
export const haveEnded = async (pids: readonly number[], patienceMs: number): Promise<boolean> => {
  for (const end = Date.now() + patienceMs; ; await delay(100)) {
    if (!pids.some((pid) => processTree(pid).some((running) => running.pid === pid))) return true
    if (Date.now() > end) return false
  }
}
