import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import t from 'tap'

const moduleUrl = (name: string): string => new URL(`../../../src/numerics/${name}`, import.meta.url).href

const multiply = `
  import { createProducts } from '${moduleUrl('products.ts')}'
  const one = { rows: 1, cols: 1, data: new Float64Array([1]) }
  const products = await createProducts({ threads: 1 })
  const { data } = await products.f64(one, one)`

const inWorker = `
  import { createWorkerPool } from '${moduleUrl('worker-pool.ts')}'
  const worker = ${JSON.stringify(`${multiply}
    import { answerMessages } from '${moduleUrl('worker-pool.ts')}'
    answerMessages(() => data[0])`)}
  const pool = createWorkerPool(new URL('data:text/javascript,' + encodeURIComponent(worker)), 1)
  const data = [await pool.ask(null)]`

/** Runs a module with a home folder of its own and answers what it printed and what lies in that folder afterwards. */
const runAtHome = (home: string, code: string) => {
  // No more than this in the environment: the runtime keeps quiet by itself where CI is set.
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `${code}; console.log(data[0])`], { env: { HOME: home }, encoding: 'utf8' })
  return { printed: stdout.trim() || stderr, left: fs.readdirSync(home) }
}

t.test('the runtime reports nothing and leaves nothing in the home folder', (t) => {
  const quiet = { printed: '1', left: [] }
  t.same(runAtHome(t.testdir({}), multiply), quiet, 'on the main thread')
  t.same(runAtHome(t.testdir({}), inWorker), quiet, 'in a worker of a process that runs no model itself')
  t.end()
})
