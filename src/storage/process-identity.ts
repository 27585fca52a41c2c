import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'

const linux = process.platform === 'linux'

/**
 * When a living process began, as an opaque text: together with the pid it tells a process from a later one with a
 * recycled pid. Null when there is no such process, or only its zombie (a SIGKILLed process whose parent never waits
 * keeps its pid, and `kill(pid, 0)` goes on to succeed).
 */
export const processStart = (pid: number): string | null => {
  try {
    if (linux) {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before it may hold anything
      return /[ZX]/.test(fields[0]) ? null : fields[19]
    }
    const [state, ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/)
    return state === '' || state.startsWith('Z') ? null : start.join(' ')
  } catch {
    return null
  }
}

/** Where pids mean the same: this boot of this machine, and this pid namespace (another container numbers its own processes). */
export const pidSpace = (): string => {
  const read = (get: () => string): string => {
    try {
      return get().trim()
    } catch {
      return ''
    }
  }
  return linux
    ? `${read(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))} ${read(() => fs.readlinkSync('/proc/self/ns/pid'))}`
    : os.hostname()
}

/** Whether a living process works in a folder as its current directory, or, where that cannot be seen, names it on its command line. */
export const worksIn = (pid: number, folder: string): boolean => {
  if (processStart(pid) === null) return false
  try {
    if (linux) return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(folder)
  } catch {
    // another user's process: only its command line is for everyone to see
  }
  try {
    const command = linux ? fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return command.includes(folder)
  } catch {
    return false
  }
}
