import fs from 'node:fs/promises'
import { withClient } from '../connect.ts'
import { print, printJson } from '../output.ts'
import { needed, oneWord } from '../verb.ts'
import type { Verb } from '../verb.ts'

export const bundle: Verb = {
  usage: 'bundle FIT --out FILE.zip',
  summary: 'all that the scores of a fit can be checked with, and a NumPy script that does so',
  options: { out: { type: 'string' } },
  run: async (call) => {
    const id = oneWord(call, 'fit')
    const file = needed(call, 'out')
    await withClient(call, (client) => client.download(`/fits/${encodeURIComponent(id)}/bundle.zip`, file))
    const { size: bytes } = await fs.stat(file)
    if (call.json) printJson({ fit: id, file, bytes })
    else print(`${file}, ${(bytes / 1e6).toFixed(1)} MB: unpack it and run python3 recompute.py`)
  },
}
