import t from 'tap'
import { createBatchQueue } from '../../src/pipeline/batch-queue.ts'

/** A queue whose batches run until they are let go on, one by one. */
const slowQueue = (limits: { maxBatch: number; maxWaiting: number }) => {
  const batches: { key: string; items: string[]; end: (result?: Error) => Promise<void> }[] = []
  const queue = createBatchQueue<string, string>({
    ...limits,
    run: (key, items) =>
      new Promise((resolve, reject) => {
        const end = async (failure?: Error): Promise<void> => {
          if (failure) reject(failure)
          else resolve(items.map((item) => item.toUpperCase()))
          await new Promise(setImmediate)
        }
        batches.push({ key, items, end })
      }),
  })
  return { queue, batches }
}

t.test('the first item runs at once; what comes meanwhile forms the next batch', async (t) => {
  const { queue, batches } = slowQueue({ maxBatch: 4, maxWaiting: 100 })
  const results = ['a', 'b', 'c', 'd', 'e', 'f'].map((item) => queue.add('one', item, 1))
  t.same(batches.map(({ items }) => items), [['a']])
  await batches[0].end()
  t.same(batches[1].items, ['b', 'c', 'd', 'e'], 'no more than a batch may hold')
  await batches[1].end()
  t.same(batches[2].items, ['f'])
  await batches[2].end()
  t.same(await Promise.all(results), ['A', 'B', 'C', 'D', 'E', 'F'], 'each with its own result')
  const last = queue.add('one', 'g', 1)
  t.equal(batches.length, 4, 'and an idle queue starts again')
  await batches[3].end()
  t.equal(await last, 'G')
})

t.test('sizes count, an item over the largest batch goes by itself', async (t) => {
  const { queue, batches } = slowQueue({ maxBatch: 4, maxWaiting: 100 })
  const results = [queue.add('one', 'a', 1), queue.add('one', 'b', 3), queue.add('one', 'c', 2), queue.add('one', 'd', 9), queue.add('one', 'e', 1)]
  for (let i = 0; i < 5; i++) await batches[i]?.end()
  t.same(batches.map(({ items }) => items), [['a'], ['b'], ['c'], ['d'], ['e']])
  await Promise.all(results)
})

t.test('keys are never mixed, and none waits for ever behind a busy one', async (t) => {
  const { queue, batches } = slowQueue({ maxBatch: 2, maxWaiting: 100 })
  const results = [queue.add('one', 'a', 1)]
  for (const item of ['b', 'c', 'd', 'e']) results.push(queue.add('one', item, 1))
  for (const item of ['x', 'y']) results.push(queue.add('two', item, 1))
  for (let i = 0; i < 4; i++) await batches[i].end()
  t.same(batches.map(({ key, items }) => [key, ...items]), [['one', 'a'], ['one', 'b', 'c'], ['two', 'x', 'y'], ['one', 'd', 'e']])
  await Promise.all(results)
})

t.test('a full queue answers busy at once, and takes more when there is room', async (t) => {
  const { queue, batches } = slowQueue({ maxBatch: 10, maxWaiting: 3 })
  const large = queue.add('one', 'huge', 50)
  const waiting = [queue.add('one', 'b', 2), queue.add('one', 'c', 1)]
  await t.rejects(queue.add('one', 'd', 1), { code: 'busy', message: '3 images wait already. Send the request again after the time in Retry-After.' })
  t.throws(() => queue.refuseWhenFull(1), { code: 'busy' })
  t.doesNotThrow(() => queue.refuseWhenFull(0))
  await batches[0].end()
  t.doesNotThrow(() => queue.refuseWhenFull(3), 'what runs does not wait')
  await batches[1].end()
  t.same(await Promise.all([large, ...waiting]), ['HUGE', 'B', 'C'], 'a request larger than the queue is taken when nothing waits')
})

t.test('an error reaches everyone in its batch and nobody else', async (t) => {
  const { queue, batches } = slowQueue({ maxBatch: 2, maxWaiting: 100 })
  const results = ['a', 'b', 'c', 'd'].map((item) => queue.add('one', item, 1))
  const settled = Promise.allSettled(results)
  await batches[0].end()
  const failure = new Error('the session broke')
  await batches[1].end(failure)
  await batches[2].end()
  t.same(await settled, [
    { status: 'fulfilled', value: 'A' },
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
    { status: 'fulfilled', value: 'D' },
  ])
})

t.test('a batch that fails before it runs is an error too', async (t) => {
  const queue = createBatchQueue<string, string>({ maxBatch: 2, maxWaiting: 5, run: () => { throw new Error('no session') } }) // prettier-ignore
  await t.rejects(queue.add('one', 'a', 1), { message: 'no session' })
  await t.rejects(queue.add('one', 'b', 1), { message: 'no session' }, 'and the queue goes on')
})
