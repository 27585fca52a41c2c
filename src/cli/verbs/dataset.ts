import { openAsBlob } from 'node:fs'
import path from 'node:path'
import type { DatasetSummary } from '../../domain/dataset.ts'
import type { Page } from '../../storage/page.ts'
import { withClient } from '../connect.ts'
import { print, printJson, printTable, score, tell } from '../output.ts'
import { oneWord, text, UsageError } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'
import { openInput } from '../files.ts'

const files = ['stimuli', 'responses', 'file', 'metadata', 'sites']
// flag -> field of the form
const fields: Record<string, string> = {
  name: 'name',
  axes: 'axes',
  region: 'region',
  unit: 'unit',
  'time-bin-ms': 'timeBinMs',
  'visual-degrees': 'visualDegrees',
  'background-rgb': 'backgroundRgb',
  order: 'order',
  normalise: 'normalise',
  'session-column': 'sessionColumn',
  variable: 'variable',
  intervals: 'intervals',
  'onset-column': 'onsetColumn',
  'stimulus-column': 'stimulusColumn',
}

const formOf = async (call: Call): Promise<FormData> => {
  const form = new FormData()
  for (const [flag, field] of Object.entries(fields)) if (text(call, flag) !== undefined) form.set(field, text(call, flag)!)
  for (const flag of files) {
    const file = text(call, flag)
    // A blob of the file, not its bytes: it is read while it is sent.
    if (file !== undefined) form.set(flag, await openInput(file, (found) => openAsBlob(found)), path.basename(file))
  }
  if (!files.some((flag) => form.has(flag))) throw new UsageError('--responses (with --stimuli, or without for activations from elsewhere), or --file, is missing.')
  return form
}

const bars = '▁▂▃▄▅▆▇█'

/** The mean rate around onset as a line of bars, so that a wrong column of onsets is seen at once. */
const psthLines = ({ startMs, binMs, rates }: NonNullable<DatasetSummary['psth']>): string[] => {
  const most = Math.max(...rates.map((rate) => rate ?? 0))
  const line = rates.map((rate) => (rate === null ? '·' : bars[most === 0 ? 0 : Math.min(7, Math.floor((8 * rate) / most))])).join('')
  return [`spikes/s around onset, ${startMs} to ${startMs + binMs * rates.length} ms, at most ${most.toFixed(1)}:`, `${line}`, `${' '.repeat(Math.round(-startMs / binMs))}^ onset`]
}

const show = ({ id, name, stimuli, images, sites, regions, animals, repetitions, unit, ceiling, psth, simulated, warnings }: DatasetSummary): void => {
  print(`${id}  ${name}${simulated ? ' (simulated)' : ''}`)
  print(`  ${stimuli} stimuli${images ? '' : ' (without images)'}, ${sites} sites (${Object.entries(regions).map(([region, count]) => `${region}: ${count}`).join(', ')}), ${repetitions.min}-${repetitions.max} repetitions, unit ${unit}`)
  if (animals !== undefined) print(`  animals: ${Object.entries(animals).map(([animal, count]) => `${animal}: ${count}`).join(', ')}`)
  if (ceiling !== null) print(`  median reliability ${score(ceiling.median)} (${ceiling.method})`)
  if (psth !== undefined) for (const line of psthLines(psth)) print(`  ${line}`)
  for (const warning of warnings) print(`  warning: ${warning}`)
}

const add = async (call: Call): Promise<void> => {
  if (text(call, 'out') !== undefined) throw new UsageError('--out belongs to "dataset export".')
  const form = await formOf(call)
  const summary = await withClient(call, (client) => client.json<DatasetSummary>('/datasets', { method: 'POST', body: form }))
  if (call.json) printJson(summary)
  else show(summary)
}

const list = async (call: Call): Promise<void> => {
  const { items } = await withClient(call, (client) => client.json<Page<DatasetSummary>>('/datasets?limit=1000'))
  if (call.json) printJson(items)
  else printTable(['id', 'name', 'stimuli', 'sites', 'unit', 'created'], items.map(({ id, name, stimuli, sites, unit, createdAt }) => [id, name, stimuli, sites, unit, createdAt]))
}

const showOne = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the dataset’s id')
  const summary = await withClient(call, (client) => client.json<DatasetSummary>(`/datasets/${encodeURIComponent(id)}`))
  if (call.json) printJson(summary)
  else show(summary)
}

const remove = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the dataset’s id')
  await withClient(call, (client) => client.text(`/datasets/${encodeURIComponent(id)}`, { method: 'DELETE' }))
  if (call.json) printJson({ id, deleted: true })
  else tell(`Dataset ${id} is deleted.`)
}

/** The responses as a file that can be imported again. */
const exportOne = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'the dataset’s id')
  const out = text(call, 'out')
  const format = path.extname(out ?? '').slice(1)
  if (out === undefined || (format !== 'npz' && format !== 'csv')) throw new UsageError('--out takes a file that ends in .npz or .csv.')
  await withClient(call, (client) => client.download(`/datasets/${encodeURIComponent(id)}/responses?format=${format}`, out))
  if (call.json) printJson({ id, file: out })
  else tell(`The responses of ${id} are in ${out}.`)
}

const actions: Record<string, (call: Call) => Promise<void>> = { add, export: exportOne, list, show: showOne, rm: remove }

export const dataset: Verb = {
  usage: `dataset add --stimuli ZIP --responses FILE [--axes site,stimulus] [--name N] [--region R] [--unit U] [--metadata CSV] [--sites CSV] [--normalise zscore|baseline --session-column C] …
  dataset add --file CONTAINER [--variable V] [--stimuli ZIP] [--metadata CSV] [--unit U] …
  dataset add --file RECORDING.nwb --time-bin-ms 70,170 [--intervals trials] [--onset-column start_time] [--stimulus-column C] …
  dataset export ID --out FILE.npz|FILE.csv
  dataset list | show ID | rm ID`,
  summary: 'import, list, show, export or delete datasets',
  options: Object.fromEntries([...files, 'out', ...Object.keys(fields)].map((flag) => [flag, { type: 'string' as const }])),
  run: async (call) => {
    const [action, ...words] = call.words
    if (!Object.hasOwn(actions, action ?? '')) throw new UsageError(action === undefined ? 'add, export, list, show or rm?' : `There is no "dataset ${action}".`)
    await actions[action]({ ...call, words })
  },
}
