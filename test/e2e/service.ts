import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { encodeNpy } from '../../src/numerics/npy.ts'
import type { FitView } from '../../src/pipeline/fits.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { serveVentral } from '../helper/cli.ts'
import type { Served } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'
import { noisePng, stimulusName } from '../pipeline/fixtures.ts'

/** `ventral serve` as a user starts it, and the folder it works on. */
export interface Service extends Served {
  home: string
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** parsed when it is JSON, else null */
  body: Record<string, never>
}

export const startService = async (t: Test, env: Record<string, string> = {}, home = path.join(temporaryFolder(t), 'home')): Promise<Service> => {
  const served = await serveVentral(t, home, { VENTRAL_THREADS: '1', VENTRAL_LOG_LEVEL: 'warn', ...env })
  return { ...served, home }
}

export const readAnswer = async (response: Response): Promise<Answer> => {
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : null) as Answer['body'] }
}

export const get = async ({ url }: { url: string }, route: string, headers: Record<string, string> = {}): Promise<Answer> => readAnswer(await fetch(`${url}${route}`, { headers }))

export const postJson = (service: { url: string }, route: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${service.url}${route}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) })

/** A multipart form: text as fields, bytes as files under the name they are given. */
export const formOf = (parts: Record<string, string | { name: string; bytes: Uint8Array }>): FormData => {
  const form = new FormData()
  for (const [field, part] of Object.entries(parts)) {
    if (typeof part === 'string') form.set(field, part)
    else form.set(field, new Blob([new Uint8Array(part.bytes)]), part.name)
  }
  return form
}

export const npyFile = (values: Parameters<typeof encodeNpy>[0], shape: number[], name = 'responses.npy'): { name: string; bytes: Uint8Array } => ({ name, bytes: encodeNpy(values, shape) })

export const zipFile = async (entries: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<{ name: string; bytes: Uint8Array }> => ({ name: 'stimuli.zip', bytes: await zipBytes(entries) })

export const noiseImages = (count: number, side = 8): [name: string, bytes: Buffer][] => Array.from({ length: count }, (_, i) => [stimulusName(i), noisePng(`image ${i}`, side)])

/** The fit once it has ended. */
export const awaitFit = async (service: { url: string }, id: string, patienceMs = 180_000): Promise<FitView> => {
  for (const end = Date.now() + patienceMs; ; await delay(100)) {
    const fit = (await get(service, `/fits/${id}`)).body as unknown as FitView
    if (fit.status !== 'queued' && fit.status !== 'running') return fit
    if (Date.now() > end) throw new Error(`fit ${id} is ${fit.status} still: ${JSON.stringify(fit.progress)}`)
  }
}

/** Files of a folder, by their paths from it. */
export const filesOf = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
