import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** Memory of a sandboxed child, in KiB. */
export interface SandboxMemory {
  /** address space: coarse, Node itself reserves over 1 GB */
  address: number
  /** written private memory, of which Node takes 0.6 GB */
  data: number
}

const usual: SandboxMemory = { address: 3_000_000, data: 1_000_000 }

/**
 * It writes no files and leaves no core; a limit that the system's shell does not know is left out. `env -i` because the shell itself
 * adds variables, and so do wrappers of child processes (NODE_OPTIONS).
 */
const launcher = ({ address, data }: SandboxMemory): string =>
  `{ ulimit -c 0; ulimit -f 0; ulimit -v ${Math.ceil(address)}; ulimit -d ${Math.ceil(data)}; } 2>/dev/null; exec env -i "$0" "$@"`

export interface SandboxRequest {
  /** module to run, a path */
  script: string
  args: string[]
  /** the files (or folder/*) that Node itself must read to start the script */
  readable: string[]
  /** inherited as descriptor 3: all of the outside world that the script sees */
  descriptor: number
  memory?: SandboxMemory
  /** let the script load native addons, which Node's permissions do not bind */
  addons?: boolean
}

/**
 * Starts a script that will touch untrusted bytes: no environment, no file but the inherited descriptor, no processes or threads, no native
 * addons unless asked for, bounded memory. It talks over stdin and stdout; stderr is discarded. The caller sets the time limit and kills it.
 */
export const spawnSandboxed = ({ script, args, readable, descriptor, memory = usual, addons = false }: SandboxRequest): ChildProcess => {
  const options = ['--permission', ...readable.map((file) => `--allow-fs-read=${file}`), ...(addons ? ['--allow-addons'] : []), '--max-old-space-size=256', '--no-warnings']
  const child = spawn('/bin/sh', ['-c', launcher(memory), process.execPath, ...options, script, ...args], {
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore', descriptor],
  })
  child.stdin!.on('error', () => undefined) // a child that died shows as the end of its output
  return child
}

export interface SandboxGuard {
  /** whether the time ran out */
  late: () => boolean
  /** kills the child if it still runs, and waits until it is gone */
  end: () => Promise<void>
}

/** Kills a sandboxed child after so long, or at the signal. Call `end` however its work went. */
export const guardSandboxed = (child: ChildProcess, timeoutMs: number, signal?: AbortSignal): SandboxGuard => {
  const ended = new Promise<void>((resolve) => child.on('error', () => resolve()).on('close', () => resolve())) // one that cannot start is one that ended
  const kill = (): void => void child.kill('SIGKILL')
  let late = false
  const timer = setTimeout(() => {
    late = true
    kill()
  }, timeoutMs)
  signal?.addEventListener('abort', kill)
  if (signal?.aborted) kill()
  return {
    late: () => late,
    end: async () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', kill)
      kill()
      await ended
    },
  }
}
