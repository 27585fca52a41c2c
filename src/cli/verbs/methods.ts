import fs from 'node:fs/promises'
import { withClient } from '../connect.ts'
import { print } from '../output.ts'
import { oneWord, text, UsageError } from '../verb.ts'
import type { Verb } from '../verb.ts'

const formats = ['markdown', 'latex', 'bibtex']

export const methods: Verb = {
  usage: 'methods FIT [--format markdown|latex|bibtex] [--out FILE]',
  summary: 'a methods section of a fit, with its references',
  options: { format: { type: 'string' }, out: { type: 'string' } },
  run: async (call) => {
    const id = oneWord(call, 'fit')
    const format = text(call, 'format') ?? 'markdown'
    if (!formats.includes(format)) throw new UsageError(`--format takes ${formats.join(', ')}, not "${format}".`)
    const file = text(call, 'out')
    const section = await withClient(call, (client) => client.text(`/fits/${encodeURIComponent(id)}/methods?format=${format}`, { accept: '*/*' }))
    if (file === undefined) return void process.stdout.write(section)
    await fs.writeFile(file, section)
    print(file)
  },
}
