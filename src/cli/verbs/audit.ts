import type { AuditEntry } from '../../domain/access.ts'
import type { Page } from '../../storage/page.ts'
import { withClient } from '../connect.ts'
import { printJson, printTable } from '../output.ts'
import { text, UsageError, whole } from '../verb.ts'
import type { Verb } from '../verb.ts'

export const audit: Verb = {
  usage: 'audit [--owner OWNER] [--key ID] [--limit N]',
  summary: 'who did what, when, to which resource, and how it ended; newest first',
  options: Object.fromEntries(['owner', 'key', 'limit'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    if (call.words.length > 0) throw new UsageError(`"${call.words[0]}" is not understood.`)
    const said = { owner: text(call, 'owner'), key: text(call, 'key'), limit: String(whole(call, 'limit') ?? 50) }
    const query = new URLSearchParams(Object.entries(said).filter((entry): entry is [string, string] => entry[1] !== undefined))
    const { items } = await withClient(call, (client) => client.json<Page<AuditEntry>>(`/audit?${query}`))
    if (call.json) printJson(items)
    else printTable(['at', 'owner', 'key', 'address', 'action', 'resource', 'status', 'code'], items.map((entry) => [entry.at, entry.owner, entry.key, entry.address, entry.action, entry.resource, entry.status, entry.code]))
  },
}
