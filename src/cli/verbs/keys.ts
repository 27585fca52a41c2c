import { scopes } from '../../domain/access.ts'
import type { ApiKey, NewApiKey, Scope } from '../../domain/access.ts'
import type { Page } from '../../storage/page.ts'
import { withClient } from '../connect.ts'
import { print, printJson, printTable, tell } from '../output.ts'
import { needed, oneWord, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** "90d", "12h", "30m", "45s" in seconds, or null. */
const secondsOf = (said: string): number | null => {
  const match = /^(\d{1,6})([smhd])$/.exec(said)
  return match === null ? null : Number(match[1]) * units[match[2]]
}

const expiryOf = (call: Call): string | undefined => {
  const said = text(call, 'expires')
  if (said === undefined) return undefined
  const seconds = secondsOf(said)
  return seconds === null ? said : new Date(Date.now() + seconds * 1000).toISOString()
}

const scopesOf = (call: Call): Scope[] =>
  needed(call, 'scopes')
    .split(',')
    .map((said) => {
      const scope = scopes.find((candidate) => candidate === said.trim())
      if (scope === undefined) throw new UsageError(`--scopes takes ${scopes.join(', ')}, divided by commas; not "${said}".`)
      return scope
    })

/** The key alone on stdout, for a script to keep; what is to be said of it beside. */
const show = (call: Call, made: NewApiKey, more = ''): void => {
  if (call.json) return printJson(made)
  tell(`Key ${made.id} of ${made.owner} (${made.scopes.join(', ')})${made.expiresAt === null ? '' : `, until ${made.expiresAt}`}. It is shown this once; send it as "Authorization: Bearer KEY".${more}`)
  print(made.key)
}

const add = async (call: Call): Promise<void> => {
  const name = oneWord(call, 'the name of the key')
  const json = { name, owner: needed(call, 'owner'), scopes: scopesOf(call), expiresAt: expiryOf(call) }
  await withClient(call, async (client) => show(call, await client.json<NewApiKey>('/keys', { method: 'POST', json })))
}

const list = async (call: Call): Promise<void> => {
  if (call.words.length > 0) throw new UsageError(`"${call.words[0]}" is not understood.`)
  const { items } = await withClient(call, (client) => client.json<Page<ApiKey>>('/keys?limit=1000'))
  if (call.json) printJson(items)
  else printTable(['id', 'name', 'owner', 'scopes', 'status', 'created', 'expires', 'last used'], items.map((key) => [key.id, key.name, key.owner, key.scopes.join(','), key.status, key.createdAt, key.expiresAt, key.lastUsedAt]))
}

const rotate = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the id of the key')
  const grace = text(call, 'grace')
  const graceSeconds = grace === undefined ? 0 : secondsOf(grace)
  if (graceSeconds === null) throw new UsageError(`--grace takes a time as 45s, 30m, 12h or 7d, not "${grace}".`)
  const old = graceSeconds === 0 ? ` ${id} has ended.` : ` ${id} works for another ${grace}.`
  await withClient(call, async (client) => show(call, await client.json<NewApiKey>(`/keys/${encodeURIComponent(id)}/rotate`, { method: 'POST', json: { graceSeconds } }), old))
}

const revoke = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the id of the key')
  await withClient(call, (client) => client.text(`/keys/${encodeURIComponent(id)}`, { method: 'DELETE' }))
  if (call.json) printJson({ id, revoked: true })
  else tell(`The key ${id} is revoked.`)
}

const actions: Record<string, (call: Call) => Promise<void>> = { add, list, rotate, revoke }

export const keys: Verb = {
  usage: `keys add NAME --owner OWNER --scopes read,predict,write,admin [--expires 90d|DATE]
  keys list
  keys rotate ID [--grace 7d] | revoke ID`,
  summary: 'API keys: what each may do, and whose resources it sees',
  options: Object.fromEntries(['owner', 'scopes', 'expires', 'grace'].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    const [action, ...words] = call.words
    if (!Object.hasOwn(actions, action ?? '')) throw new UsageError(action === undefined ? 'add, list, rotate or revoke?' : `There is no "keys ${action}".`)
    await actions[action]({ ...call, words })
  },
}
