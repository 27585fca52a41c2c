import type { FitScores } from '../../domain/fit-scores.ts'
import { withClient } from '../connect.ts'
import { printJson } from '../output.ts'
import { printScores } from '../print-scores.ts'
import { oneWord } from '../verb.ts'
import type { Verb } from '../verb.ts'

export const scores: Verb = {
  usage: 'scores FIT [--csv]',
  summary: 'scores of a fit, per layer; --csv or --json per site',
  options: { csv: { type: 'boolean' } },
  run: async (call) => {
    const path = `/fits/${encodeURIComponent(oneWord(call, 'fit'))}/scores`
    await withClient(call, async (client) => {
      if (call.flags.csv === true) return void process.stdout.write(await client.text(path, { accept: 'text/csv' }))
      const answer = await client.json<FitScores>(path)
      if (call.json) printJson(answer)
      else printScores(answer)
    })
  },
}
