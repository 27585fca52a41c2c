import { execFileSync, spawnSync } from 'node:child_process'

/** A python3 with NumPy, or null where this machine has none. */
export const pythonWithNumpy = (): string | null =>
  ['python3', '/usr/bin/python3'].find((command) => spawnSync(command, ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0) ?? null

export const runPython = (python: string, script: string): { status: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync(python, [script], { encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}

/** Unpacks a zip with the system's own tools: another reader than the one that wrote it. */
export const unzip = (python: string, archive: string, folder: string): void => void execFileSync(python, ['-m', 'zipfile', '-e', archive, folder])
