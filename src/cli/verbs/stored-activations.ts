import type { ActivationsVersion } from '../../domain/activations.ts'
import type { Page } from '../../storage/page.ts'
import { putActivations } from '../activations-file.ts'
import { withClient } from '../connect.ts'
import { print, printJson, printTable, tell } from '../output.ts'
import { needed, oneWord, text, UsageError } from '../verb.ts'
import type { Call } from '../verb.ts'

const describe = ({ name, dataset, sha256, layers }: ActivationsVersion): void => {
  print(`activations:${name}  dataset ${dataset}, sha256 ${sha256}`)
  for (const layer of layers) print(`  ${layer.name}: ${layer.shape.join(' x ')} units, ${layer.type === 'f8' ? 'float64' : 'float32'}`)
}

const put = async (call: Call): Promise<void> => {
  const [name, input, ...rest] = call.words
  if (input === undefined || rest.length > 0) throw new UsageError('A name and one file or folder are needed: activations put NAME FILE --dataset ID.')
  const dataset = needed(call, 'dataset')
  const version = await withClient(call, (client) => putActivations(client, { name, input, dataset, rows: text(call, 'rows') }))
  if (call.json) printJson(version)
  else describe(version)
}

const list = async (call: Call): Promise<void> => {
  const dataset = text(call, 'dataset')
  const query = new URLSearchParams({ limit: '1000', ...(dataset === undefined ? {} : { dataset }) })
  const { items } = await withClient(call, (client) => client.json<Page<ActivationsVersion>>(`/activations?${query}`))
  if (call.json) printJson(items)
  else printTable(['name', 'dataset', 'layers', 'sha256', 'source', 'created'], items.map(({ name, dataset, layers, sha256, source, createdAt }) => [name, dataset, layers.length, sha256.slice(0, 12), source, createdAt]))
}

const show = async (call: Call): Promise<void> => {
  const { items } = await withClient(call, (client) => client.json<Page<ActivationsVersion>>(`/activations/${encodeURIComponent(oneWord(call, 'the name'))}`))
  if (call.json) printJson(items)
  else for (const version of items) describe(version)
}

const remove = async (call: Call): Promise<void> => {
  const name = oneWord(call, 'the name')
  const dataset = text(call, 'dataset')
  await withClient(call, (client) => client.text(`/activations/${encodeURIComponent(name)}${dataset === undefined ? '' : `?dataset=${encodeURIComponent(dataset)}`}`, { method: 'DELETE' }))
  if (call.json) printJson({ name, deleted: true })
  else tell(`The activations ${name} are deleted.`)
}

/** What can be done with activations from elsewhere, by its word. */
export const storedActions: Record<string, (call: Call) => Promise<void>> = { put, list, show, rm: remove }
