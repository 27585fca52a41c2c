import { execFileSync } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'

/** Peers run in the Python that has them: VENTRAL_BENCH_PYTHON, else Debian's. */
const python = process.env.VENTRAL_BENCH_PYTHON ?? '/usr/bin/python3'
/** himalaya is in no distribution: a virtual environment of its own, which sees the same numpy. */
const himalayaPython = process.env.VENTRAL_BENCH_HIMALAYA ?? python

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

export const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** Runs a peer script of bench/peers with so many threads for every library it may use; answers its JSON line. */
export const runPeer = <T>(script: string, args: (string | number)[], threads: number): T => {
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) }
  const out = execFileSync(script.startsWith('himalaya') ? himalayaPython : python, [path.join(import.meta.dirname, 'peers', script), ...args.map(String)], { env, encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(out.trim().split('\n').at(-1)!) as T
}

export const say = (line: string): void => console.log(line)

/** What every table of results begins with. */
export const describeMachine = (): void => say(`${new Date().toISOString().slice(0, 10)}, ${os.cpus()[0].model}, ${os.availableParallelism()} cores, Node ${process.versions.node}`)

/** Seconds and peak of a peer that may not be there: null when its libraries are not. */
export const tryPeer = <T>(script: string, args: (string | number)[], threads: number): T | null => {
  try {
    return runPeer<T>(script, args, threads)
  } catch (error) {
    say(`  ${script}: ${(error as Error).message.split('\n')[0]}`)
    return null
  }
}
