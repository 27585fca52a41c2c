import type { FitError } from '../domain/fit.ts'

const MAX_CRASHES = 3
// Kills of the worker from outside are not the fit's fault, so many are borne; the bound ends a fit that takes its whole machine down.
const MAX_LOSSES = 100

/** Why a fit is not tried again, or null when it is. */
export const giveUpReason = ({ crashes, losses }: { crashes: number; losses: number }, how: string, stderr: string | null): FitError | null => {
  if (crashes < MAX_CRASHES && losses < MAX_LOSSES) return null
  const words = stderr?.trim().split('\n').at(-1)?.slice(0, 300)
  const what = crashes >= MAX_CRASHES ? `The process of the fit died ${crashes} times (${how})` : `The worker of the fit was lost ${losses} times`
  const memory = how === 'SIGKILL' ? ' Most often the machine ran out of memory: choose fewer or smaller layers, or a pooling grid.' : ''
  return { code: 'internal', detail: `${what}, so it is not tried again.${memory}${words ? ` Its last words: ${words}` : ''}`, errors: [] }
}
