import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/**
 * Limits of a sandboxed child, in KiB: address space (coarse: Node itself reserves over 1 GB) and written private memory (Node takes 0.6 GB of
 * it, so some 0.4 GB are left for the work). It writes no files and leaves no core. A limit that the system's shell does not know is left out.
 */
const limits = 'ulimit -c 0; ulimit -f 0; ulimit -v 3000000; ulimit -d 1000000'

/** `env -i` because the shell itself adds variables, and so do wrappers of child processes (NODE_OPTIONS). */
const launcher = `{ ${limits}; } 2>/dev/null; exec env -i "$0" "$@"`

export interface SandboxRequest {
  /** module to run, a path */
  script: string
  args: string[]
  /** the files (or folder/*) that Node itself must read to start the script */
  readable: string[]
  /** inherited as descriptor 3: all of the outside world that the script sees */
  descriptor: number
}

/**
 * Starts a script that will touch untrusted bytes: no environment, no file but the inherited descriptor, no processes, threads or native
 * addons, bounded memory. It talks over stdin and stdout; stderr is discarded. The caller sets the time limit and kills it.
 */
export const spawnSandboxed = ({ script, args, readable, descriptor }: SandboxRequest): ChildProcess => {
  const options = ['--permission', ...readable.map((file) => `--allow-fs-read=${file}`), '--max-old-space-size=256', '--no-warnings']
  const child = spawn('/bin/sh', ['-c', launcher, process.execPath, ...options, script, ...args], {
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore', descriptor],
  })
  child.stdin!.on('error', () => undefined) // a child that died shows as the end of its output
  return child
}
