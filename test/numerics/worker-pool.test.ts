import t from 'tap'
import { createWorkerPool } from '../../src/numerics/worker-pool.ts'

const url = new URL('./failing-worker.ts', import.meta.url)
const open = (threads: number) => createWorkerPool<number | string, number>(url, threads)

t.test('every message gets its own answer, on one worker or several', async (t) => {
  for (const threads of [1, 3]) {
    const pool = open(threads)
    const numbers = Array.from({ length: 20 }, (_, i) => i)
    t.strictSame(await Promise.all(numbers.map((n) => pool.ask(n))), numbers.map((n) => 2 * n))
    await pool.close()
  }
})

t.test('a worker that throws or ends rejects what it held; the next message gets a fresh one', async (t) => {
  const pool = open(1)
  for (const [how, message] of [['throw', /thrown in the worker/], ['exit', /ended with code 3/]] as const) {
    await t.rejects(pool.ask(how), message)
    t.equal(await pool.ask(4), 8)
  }
  const waiting = [pool.ask('exit'), pool.ask(1), pool.ask(5)]
  const outcomes = await Promise.allSettled(waiting)
  t.equal(outcomes[0].status, 'rejected')
  t.match(outcomes[2], { status: 'fulfilled', value: 10 }, 'what was not yet handed out is answered by the next worker')
  await pool.close()
})

t.test('a defect in the worker keeps its text and stack', async (t) => {
  const pool = open(1)
  await t.rejects(pool.ask('defect'), { name: 'Error', message: 'a defect', stack: /at the worker/ })
  await pool.close()
})

t.test('closing rejects what is unanswered and what comes later', async (t) => {
  const pool = open(1)
  const unanswered = [pool.ask('wait'), pool.ask(1), pool.ask(2), pool.ask(3)].map((answer) => t.rejects(answer, /was closed/))
  await pool.close()
  await Promise.all(unanswered)
  await t.rejects(pool.ask(1), /is closed/)
  await pool.close()
})
