import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import { guardSandboxed } from '../../src/numerics/sandbox.ts'

const closed = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.on('close', resolve).on('error', resolve))
const sleeper = (): ChildProcess => spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])

t.test('a guarded child ends with its time, at the signal, with the work, and where it cannot start', async (t) => {
  const slow = sleeper()
  const guard = guardSandboxed(slow, 50)
  await closed(slow)
  t.equal(guard.late(), true)
  t.equal(slow.signalCode, 'SIGKILL')
  await guard.end()

  const abort = new AbortController()
  const unwanted = sleeper()
  const other = guardSandboxed(unwanted, 60_000, abort.signal)
  abort.abort()
  await closed(unwanted)
  t.equal(other.late(), false, 'which is no lateness')
  await other.end()

  const left = sleeper()
  await guardSandboxed(left, 60_000).end()
  t.equal(left.signalCode, 'SIGKILL')

  await guardSandboxed(spawn('/no/such/program'), 60_000).end()
})
