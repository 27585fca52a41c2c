import { Type } from 'typebox'
import { VentralError } from '../../domain/errors.ts'
import { strict, withProblems } from '../schemas/common.ts'
import type { Services } from '../services.ts'
import type { App } from '../types.ts'

export const healthRoutes = (app: App, { context }: Services): void => {
  const tags = ['service']
  const config = { public: true }

  const assertReady = async (): Promise<void> => {
    try {
      await context.db.query('SELECT 1')
    } catch (error) {
      app.log.warn({ err: error }, 'not ready')
      throw new VentralError('busy', 'The database does not answer.')
    }
  }

  const Live = strict({ status: Type.Literal('live') })
  app.get('/livez', { config, schema: { summary: 'Whether the process answers', tags, response: { 200: Live } } }, () => ({ status: 'live' as const }))

  const Ready = strict({ status: Type.Literal('ready') })
  app.get('/readyz', { config, schema: { summary: 'Whether requests can be served', tags, response: withProblems({ 200: Ready }) } }, async () => {
    await assertReady()
    return { status: 'ready' as const }
  })

  app.get('/v2/health/live', { config, schema: { summary: 'Open Inference: live', tags, response: { 200: strict({ live: Type.Boolean() }) } } }, () => ({ live: true }))
  app.get('/v2/health/ready', { config, schema: { summary: 'Open Inference: ready', tags, response: withProblems({ 200: strict({ ready: Type.Boolean() }) }) } }, async () => {
    await assertReady()
    return { ready: true }
  })
}
