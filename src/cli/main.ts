#!/usr/bin/env node
import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'
import { loadConfig } from '../config.ts'
import { VentralError } from '../domain/errors.ts'
import { toProblem } from '../server/problem.ts'
import { print, printJson, tell } from './output.ts'
import { UsageError, whole } from './verb.ts'
import type { Call, Verb } from './verb.ts'

// Each verb is loaded when it is called for: `predict` need not wait for the server's code.
const verbs: Record<string, () => Promise<Verb>> = {
  serve: async () => (await import('./verbs/serve.ts')).serve,
  worker: async () => (await import('./verbs/worker.ts')).worker,
  dataset: async () => (await import('./verbs/dataset.ts')).dataset,
  backbones: async () => (await import('./verbs/backbones.ts')).backbones,
  weights: async () => (await import('./verbs/weights.ts')).weights,
  activations: async () => (await import('./verbs/activations.ts')).activations,
  maps: async () => (await import('./verbs/maps.ts')).maps,
  classify: async () => (await import('./verbs/classify.ts')).classify,
  cam: async () => (await import('./verbs/cam.ts')).cam,
  fit: async () => (await import('./verbs/fit.ts')).fit,
  compare: async () => (await import('./verbs/compare.ts')).compare,
  scores: async () => (await import('./verbs/scores.ts')).scores,
  methods: async () => (await import('./verbs/methods.ts')).methods,
  bundle: async () => (await import('./verbs/bundle.ts')).bundle,
  rdm: async () => (await import('./verbs/rdm.ts')).rdm,
  predict: async () => (await import('./verbs/predict.ts')).predict,
  keys: async () => (await import('./verbs/keys.ts')).keys,
  audit: async () => (await import('./verbs/audit.ts')).audit,
  demo: async () => (await import('./verbs/demo.ts')).demo,
  doctor: async () => (await import('./verbs/doctor.ts')).doctor,
}

const ECHO_MS = 500

const common = {
  home: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  threads: { type: 'string' },
  engine: { type: 'string' },
  'log-level': { type: 'string' },
  url: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options']

const help = async (): Promise<void> => {
  print('ventral VERB … [--home DIR] [--url URL] [--threads N] [--engine onnx|tfjs] [--json]\n')
  for (const load of Object.values(verbs)) {
    const { usage, summary } = await load()
    print(`  ${usage}\n      ${summary}`)
  }
}

/**
 * Aborts at the first Ctrl-C or SIGTERM, so that what is open is closed; the second ends the process at once. The terminal signals
 * npm and us, and npm passes its signal on: what comes within half a second is the same Ctrl-C.
 */
const stopSignal = (): AbortSignal => {
  const stopping = new AbortController()
  let first = 0
  for (const [name, status] of [['SIGINT', 130], ['SIGTERM', 143]] as const)
    process.on(name, () => {
      if (stopping.signal.aborted && performance.now() - first > ECHO_MS) process.exit(status)
      if (!stopping.signal.aborted) first = performance.now()
      stopping.abort()
    })
  return stopping.signal
}

const parse = (verb: Verb, args: string[]): Pick<Call, 'flags' | 'words'> => {
  try {
    const { values, positionals } = parseArgs({ args, options: { ...verb.options, ...common }, allowPositionals: true, strict: true })
    return { flags: values, words: positionals }
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0].replace(/\.$/, '')}.`)
  }
}

const run = async (verb: Verb, args: string[], signal: AbortSignal): Promise<void> => {
  const { flags, words } = parse(verb, args)
  if (flags.help === true) return print(`ventral ${verb.usage}\n\n${verb.summary}`)
  const { home, host, url, engine, 'log-level': logLevel } = flags as Record<string, string | undefined>
  const config = loadConfig({ home, host, port: whole({ flags }, 'port'), threads: whole({ flags }, 'threads'), engine, logLevel })
  await verb.run({ config, url: url ?? null, json: flags.json === true, flags, words, signal })
}

/** Failures go to stderr as a sentence; with --json as one line of problem+json, too. */
const fail = (error: unknown, verb: Verb | null, json: boolean, signal: AbortSignal): void => {
  process.exitCode = error instanceof UsageError ? 2 : 1
  if (signal.aborted && !(error instanceof VentralError)) return void (process.exitCode = 130)
  if (error instanceof UsageError) return tell(`${error.message}\n\nventral ${verb?.usage ?? 'VERB …'}`)
  if (!(error instanceof VentralError)) return tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  if (json) printJson(toProblem(error))
  tell(error.message)
}

const main = async ([name, ...args]: string[]): Promise<void> => {
  const signal = stopSignal()
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return help()
  if (!Object.hasOwn(verbs, name)) return fail(new UsageError(`There is no verb "${name}". "ventral help" lists them.`), null, false, signal)
  const verb = await verbs[name]()
  await run(verb, args, signal).catch((error: unknown) => fail(error, verb, args.includes('--json'), signal))
}

await main(process.argv.slice(2))
