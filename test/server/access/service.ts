import type { RouteOptions } from 'fastify'
import type { Test } from 'tap'
import type { NewApiKey, Scope } from '../../../src/domain/access.ts'
import type { PipelineContext } from '../../../src/pipeline/context.ts'
import { createLooks } from '../../../src/pipeline/inside/looks.ts'
import { createKey } from '../../../src/pipeline/keys.ts'
import { createPredictor } from '../../../src/pipeline/predict.ts'
import { buildApp } from '../../../src/server/app.ts'
import { pipeline } from '../../../src/server/pipeline.ts'
import { openTestContext } from '../../helper/home.ts'

export const OPERATOR_KEY = 'the key of whoever runs it'

export interface Answer {
  status: number
  headers: Headers
  /** code of a problem */
  code: string | null
  text: string
}

export interface Asked {
  method?: string
  key?: string | null
  body?: FormData | Uint8Array<ArrayBuffer> | object
  headers?: Record<string, string>
}

export interface AccessService {
  url: string
  context: PipelineContext
  /** every route of the server, HEAD left out */
  routes: { method: string; url: string; options: RouteOptions }[]
  ask: (path: string, asked?: Asked) => Promise<Answer>
  /** a key made without asking the server */
  newKey: (owner: string, scopes: Scope[], expiresAt?: string) => Promise<NewApiKey>
}

const encode = (body: Asked['body']): { body?: FormData | Uint8Array<ArrayBuffer> | string; headers: Record<string, string> } => {
  if (body === undefined) return { headers: {} }
  if (body instanceof FormData) return { body, headers: {} }
  if (body instanceof Uint8Array) return { body, headers: { 'content-type': 'application/octet-stream' } }
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}

/** The real server on a data folder of its own, with a key unless `apiKey` is null. */
export const startAccessService = async (t: Test, { apiKey = OPERATOR_KEY, rateLimit }: { apiKey?: string | null; rateLimit?: number } = {}): Promise<AccessService> => {
  const context = await openTestContext(t)
  const [predictor, looks] = [createPredictor(context), createLooks(context)]
  const app = buildApp({ context, pipeline, predictor, looks, fitWatch: { subscribe: () => () => {} } }, { host: '127.0.0.1', port: 0, apiKey, rateLimit, graceMs: 0 })
  const routes: AccessService['routes'] = []
  app.addHook('onRoute', (options) => {
    for (const method of [options.method].flat()) if (method !== 'HEAD') routes.push({ method, url: options.url, options })
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    await Promise.all([predictor.close(), looks.close()])
  })
  return {
    url,
    context,
    routes,
    ask: async (path, { method = 'GET', key = null, body, headers = {} } = {}) => {
      const encoded = encode(body)
      const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
      const response = await fetch(`${url}${path}`, { method, body: encoded.body, headers: { ...encoded.headers, ...authorization, ...headers } })
      const text = await response.text()
      const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false
      return { status: response.status, headers: response.headers, code: isProblem ? (JSON.parse(text) as { code: string }).code : null, text }
    },
    newKey: (owner, scopes, expiresAt) => createKey(context, { name: `${owner}: ${scopes.join()}`, owner, scopes, expiresAt }),
  }
}
