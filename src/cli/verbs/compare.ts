import { setTimeout as delay } from 'node:timers/promises'
import type { BackboneComparisonRequest, ComparedBackbone, ComparisonScores, ComparisonView } from '../../domain/comparison.ts'
import type { ComparisonEstimate } from '../../pipeline/comparisons/comparisons.ts'
import type { Page } from '../../storage/page.ts'
import type { Client } from '../client.ts'
import { withClient } from '../connect.ts'
import { print, printJson, printTable, tell } from '../output.ts'
import { printComparisonEstimate, printComparisonScores, printComparisonView } from '../print-comparison.ts'
import { createProgress } from '../progress-bar.ts'
import { readRequest } from '../read-request.ts'
import { oneWord, text, UsageError, whole } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const POLL_MS = 1_000

const given = <T extends object>(values: T): Partial<T> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>

/** What the flags say of every backbone that --backbones lists. */
const entriesOf = (call: Call): ComparedBackbone[] | undefined => {
  const names = text(call, 'backbones')
  const [layers, step] = [text(call, 'layers'), text(call, 'step')]
  const each = given<Omit<ComparedBackbone, 'backbone' | 'name' | 'pooling'>>({
    weights: text(call, 'weights'),
    seed: whole(call, 'seed'),
    layers: layers === undefined || layers === 'default' || layers === 'all' ? layers : layers.split(','),
    areas: text(call, 'areas') as ComparedBackbone['areas'],
    step: step !== undefined && /^\d+$/.test(step) ? Number(step) : (step as ComparedBackbone['step']),
  })
  if (names === undefined && Object.keys(each).length > 0) throw new UsageError(`--${Object.keys(each)[0]} is said of the backbones of --backbones; in a request's file each backbone says its own.`)
  return names?.split(',').map((backbone) => ({ backbone, ...each }))
}

const requestOf = async (call: Call): Promise<BackboneComparisonRequest> => {
  const [file, grid, regions] = [text(call, 'request'), whole(call, 'grid'), text(call, 'regions')]
  const said = given({
    dataset: call.words.length === 0 ? undefined : oneWord(call, 'dataset’s id'),
    backbones: entriesOf(call),
    regions: regions?.split(','),
    pooling: grid === undefined ? undefined : { grid },
    protocol: text(call, 'protocol'),
    engine: text(call, 'engine') as BackboneComparisonRequest['engine'],
  })
  const request = { ...(file === undefined ? {} : await readRequest(file)), ...said } as BackboneComparisonRequest
  if (request.dataset === undefined) throw new UsageError('The dataset’s id is missing.')
  if (request.backbones === undefined) throw new UsageError('--backbones a,b,c, or --request FILE with "backbones", is missing.')
  return request
}

const atComparison = (id: string, rest = ''): string => `/comparisons/${encodeURIComponent(id)}${rest}`

/** Waits until all fits have ended, with a bar of the fit at hand. */
const waitFor = async (client: Client, id: string, call: Call): Promise<ComparisonView> => {
  const bar = createProgress({ quiet: call.json })
  try {
    for (;;) {
      const view = await client.json<ComparisonView>(atComparison(id))
      if (view.status !== 'queued' && view.status !== 'running') return view
      const at = view.fits.find(({ status }) => status === 'running')
      if (at?.progress != null) bar.show({ ...at.progress, stage: `${view.progress.done}/${view.progress.total} ${at.name} ${at.region}: ${at.progress.stage}` })
      await delay(POLL_MS, undefined, { signal: call.signal })
    }
  } finally {
    bar.stop()
  }
}

/** The table of a comparison that has ended, on the terminal and in the files asked for. A fit that failed makes the exit status 1. */
const report = async (client: Client, view: ComparisonView, call: Call): Promise<void> => {
  const [csv, table] = [text(call, 'csv'), text(call, 'table') ?? 'backbones']
  const scores = await client.json<ComparisonScores>(atComparison(view.id, '/scores'))
  if (csv !== undefined) await client.download(atComparison(view.id, `/scores?table=${encodeURIComponent(table)}`), csv)
  if (view.status !== 'succeeded') process.exitCode = 1
  if (call.json) return printJson({ ...view, scores })
  for (const { name, region, error } of view.fits) if (error !== null) tell(`${name} in ${region}: ${error.detail}`)
  printComparisonScores(scores)
  print(`comparison ${view.id}${csv === undefined ? '' : `; ${table} in ${csv}`}`)
}

const start = async (call: Call): Promise<void> => {
  const request = await requestOf(call)
  const [dryRun, wait] = [call.flags['dry-run'] === true, call.flags['no-wait'] !== true]
  if (text(call, 'table') !== undefined && text(call, 'csv') === undefined) throw new UsageError('--table needs --csv FILE.')
  if (text(call, 'csv') !== undefined && (dryRun || !wait)) throw new UsageError('--csv needs the scores: leave --dry-run and --no-wait out.')
  await withClient(
    call,
    async (client) => {
      if (dryRun) {
        const estimate = await client.json<ComparisonEstimate>('/comparisons?dryRun=true', { method: 'POST', json: request })
        return call.json ? printJson(estimate) : printComparisonEstimate(estimate)
      }
      const started = await client.json<ComparisonView>('/comparisons', { method: 'POST', json: request })
      if (wait) {
        tell(`comparison ${started.id}: ${started.fits.length} fits, ${started.fits.filter(({ reused }) => reused).length} of them there already`)
        return report(client, await waitFor(client, started.id, call), call)
      }
      if (call.json) printJson(started)
      else printComparisonView(started)
      tell('A running server works on it; without one, "ventral serve" will.')
    },
    { worker: !dryRun && wait },
  )
}

const show = async (call: Call): Promise<void> =>
  withClient(call, async (client) => {
    const view = await client.json<ComparisonView>(atComparison(oneWord(call, 'comparison’s id')))
    if (view.progress.done === view.progress.total) return report(client, view, call)
    if (call.json) printJson(view)
    else printComparisonView(view)
  })

const list = async (call: Call): Promise<void> => {
  const { items } = await withClient(call, (client) => client.json<Page<ComparisonView>>('/comparisons?limit=1000'))
  if (call.json) return printJson(items)
  printTable(['id', 'dataset', 'status', 'ended', 'backbones', 'created'], items.map(({ id, dataset, status, progress, request, createdAt }) => [id, dataset, status, `${progress.done}/${progress.total}`, request.backbones.map(({ name }) => name).join(','), createdAt]))
}

const cancel = async (call: Call): Promise<void> => {
  const view = await withClient(call, (client) => client.json<ComparisonView>(atComparison(oneWord(call, 'comparison’s id'), '/cancel'), { method: 'POST' }))
  if (call.json) printJson(view)
  else printComparisonView(view)
}

const remove = async (call: Call): Promise<void> => {
  const id = oneWord(call, 'comparison’s id')
  await withClient(call, (client) => client.text(atComparison(id), { method: 'DELETE' }))
  if (call.json) printJson({ id, deleted: true })
  else tell(`Comparison ${id} is deleted. Its finished fits stay.`)
}

const actions: Record<string, (call: Call) => Promise<void>> = { show, list, cancel, rm: remove }

export const compare: Verb = {
  usage: `compare DATASET --backbones a,b,c [--weights random --seed 0] [--layers all|a,b] [--grid g] [--regions V4,IT] [--protocol brain-score] [--areas name [--step last|all|brain-score|N]] [--csv FILE [--table backbones|layers|differences|sites]] [--dry-run | --no-wait]
  compare [DATASET] --request FILE.json …
  compare show ID [--csv FILE] | list | cancel ID | rm ID`,
  summary: 'fit several backbones to every region of a dataset and compare them',
  options: {
    ...Object.fromEntries(['backbones', 'request', 'weights', 'seed', 'layers', 'grid', 'regions', 'protocol', 'areas', 'step', 'csv', 'table'].map((flag) => [flag, { type: 'string' as const }])),
    'dry-run': { type: 'boolean' },
    'no-wait': { type: 'boolean' },
  },
  run: async (call) => {
    const [action, ...words] = call.words
    return Object.hasOwn(actions, action ?? '') ? actions[action]({ ...call, words }) : start(call)
  },
}
