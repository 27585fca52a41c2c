import os from 'node:os'
import path from 'node:path'
import { engineNames } from './domain/engine.ts'
import type { EngineName } from './domain/engine.ts'
import { VentralError } from './domain/errors.ts'

/** Every setting, resolved once: flags win over the environment, the environment over the defaults. */
export interface Config {
  /** data folder: database, blobs, caches, temporary files */
  home: string
  host: string
  port: number
  apiKey: string | null
  /** requests per second that a key may make, ten times as many at once; 0: any number. VENTRAL_API_KEY itself has no limit. */
  rateLimit: number
  databaseUrl: string | null
  /** folder for blobs; null: inside home */
  blobs: string | null
  /** further read-only folder of checkpoints */
  weightsFolder: string | null
  /** computes networks where a request names no engine */
  engine: EngineName
  /** threads that a fit may use in all */
  threads: number
  /** spill bound in bytes; null: min(20 GB, half of the free disk) at the time of the fit */
  spillBytes: number | null
  /** bytes of memory that a fit may take: what the machine has, or its control group allows */
  memoryBytes: number
  /** bound of the Gram cache in bytes */
  cacheBytes: number
  /** file with a name per class, in the order of a classifier's outputs; null: ImageNet's for 1000 classes */
  classNames: string | null
  logLevel: string
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY: for what this program fetches itself */
  proxy: Record<string, string | undefined>
}

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

const GB = 1e9

const number = (name: string, text: string, min: number): number => {
  const value = Number(text)
  if (!Number.isFinite(value) || value < min) throw new VentralError('invalid-value', `${name} must be a number of at least ${min}, not "${text}".`)
  return value
}

const engineName = (text: string): EngineName => {
  const name = engineNames.find((candidate) => candidate === text)
  if (name === undefined) throw new VentralError('invalid-value', `VENTRAL_ENGINE and --engine take "onnx" or "tfjs", not "${text}".`)
  return name
}

/** The machine's memory, or less where a control group bounds it; 0 stands for no bound. */
const availableMemory = (): number => Math.min(os.totalmem(), process.constrainedMemory() || Infinity)

export type ConfigFlags = Partial<Pick<Config, 'home' | 'host' | 'port' | 'threads' | 'logLevel'>> & { engine?: string }

/** Resolves the settings. `env` is an argument so that tests and child processes can state theirs. */
export const loadConfig = (flags: ConfigFlags = {}, env: NodeJS.ProcessEnv = process.env): Config => {
  const blobs = env.VENTRAL_BLOBS ?? null
  if (blobs?.startsWith('s3://')) throw new VentralError('invalid-value', 'VENTRAL_BLOBS: S3 is not available in this version; name a folder.')
  return {
    home: path.resolve(flags.home ?? env.VENTRAL_HOME ?? '.ventral'),
    host: flags.host ?? env.VENTRAL_HOST ?? '127.0.0.1',
    port: flags.port ?? number('VENTRAL_PORT', env.VENTRAL_PORT ?? '8080', 0),
    apiKey: env.VENTRAL_API_KEY || null,
    rateLimit: number('VENTRAL_RATE_LIMIT', env.VENTRAL_RATE_LIMIT ?? '50', 0),
    databaseUrl: env.DATABASE_URL || null,
    blobs: blobs === null ? null : path.resolve(blobs),
    weightsFolder: env.VENTRAL_WEIGHTS ? path.resolve(env.VENTRAL_WEIGHTS) : null,
    engine: engineName(flags.engine ?? env.VENTRAL_ENGINE ?? 'onnx'),
    threads: flags.threads ?? number('VENTRAL_THREADS', env.VENTRAL_THREADS ?? String(os.availableParallelism()), 1),
    spillBytes: env.VENTRAL_SPILL_GB === undefined ? null : number('VENTRAL_SPILL_GB', env.VENTRAL_SPILL_GB, 0.01) * GB,
    memoryBytes: env.VENTRAL_MEMORY_GB === undefined ? availableMemory() : number('VENTRAL_MEMORY_GB', env.VENTRAL_MEMORY_GB, 0.1) * GB,
    cacheBytes: number('VENTRAL_CACHE_GB', env.VENTRAL_CACHE_GB ?? '10', 0) * GB,
    classNames: env.VENTRAL_CLASS_NAMES ? path.resolve(env.VENTRAL_CLASS_NAMES) : null,
    logLevel: flags.logLevel ?? env.VENTRAL_LOG_LEVEL ?? 'info',
    proxy: Object.fromEntries(proxyVariables.map((name) => [name, env[name]])),
  }
}

/**
 * The environment of a process that computes: this one's, with glibc told to give large blocks back to the system at once.
 * Otherwise what a session or a column block took stays with the process, and its peak is the sum of its stages, not their maximum.
 */
export const computingEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...env,
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 20),
})
