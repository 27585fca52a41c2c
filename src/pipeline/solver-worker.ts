import { createLinearAlgebra } from '../numerics/linear-algebra.ts'
import { createProducts } from '../numerics/products.ts'
import { answerMessages } from '../numerics/worker-pool.ts'
import type { SolverMessage } from './solver-pool.ts'
import { solverTasks } from './solver-tasks.ts'
import type { SolverTools } from './solver-tasks.ts'

const tools: Promise<SolverTools> = Promise.all([createLinearAlgebra(), createProducts({ threads: 1 })]).then(([la, products]) => ({ la, products }))

answerMessages(async ({ task, input }: SolverMessage) => {
  const run = solverTasks[task] as (input: SolverMessage['input'], tools: SolverTools) => Promise<unknown>
  return run(input, await tools)
})
