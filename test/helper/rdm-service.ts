import type { Test } from 'tap'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { buildApp } from '../../src/server/app.ts'
import { pipeline } from '../../src/server/pipeline.ts'
import type { Services } from '../../src/server/services.ts'
import { openTestContext } from './home.ts'

export interface RdmService {
  url: string
  context: PipelineContext
}

/** The real routes and recipes on a data folder of their own, on a loopback port until the test ends; without predictions and fit events. */
export const startRdmService = async (t: Test): Promise<RdmService> => {
  const context = await openTestContext(t)
  const app = buildApp({ context, pipeline, predictor: {}, fitWatch: {} } as unknown as Services, { host: '127.0.0.1', port: 0, apiKey: null })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  return { url, context }
}

export interface Reply<T> {
  status: number
  body: T
}

export const post = async <T = Record<string, unknown>>({ url }: { url: string }, route: string, body: unknown): Promise<Reply<T>> => {
  const response = await fetch(`${url}${route}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as T }
}

export const get = async <T = Record<string, unknown>>({ url }: { url: string }, route: string): Promise<Reply<T>> => {
  const response = await fetch(`${url}${route}`)
  return { status: response.status, body: (await response.json()) as T }
}

/** Text as fields, bytes as files under the name they are given. */
export const postForm = async <T>({ url }: { url: string }, route: string, parts: Record<string, string | { name: string; bytes: Uint8Array }>): Promise<Reply<T>> => {
  const form = new FormData()
  for (const [field, part] of Object.entries(parts)) {
    if (typeof part === 'string') form.set(field, part)
    else form.set(field, new Blob([new Uint8Array(part.bytes)]), part.name)
  }
  const response = await fetch(`${url}${route}`, { method: 'POST', body: form })
  return { status: response.status, body: (await response.json()) as T }
}
