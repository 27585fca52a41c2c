import { parentPort } from 'node:worker_threads'

// A worker for the pool's own tests: doubles numbers, and does whatever can go wrong on request.
parentPort!.on('message', (message: number | 'throw' | 'exit' | 'wait' | 'defect') => {
  if (message === 'throw') throw new Error('thrown in the worker')
  if (message === 'exit') process.exit(3)
  if (message === 'wait') return
  if (message === 'defect') parentPort!.postMessage({ error: { code: 'internal', message: 'a defect', errors: [], stack: 'Error: a defect\n    at the worker' } })
  else parentPort!.postMessage({ value: message * 2 })
})
