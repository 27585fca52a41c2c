import { Type } from 'typebox'
import { PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { AuditEntry } from '../schemas/audit.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

export const auditRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  app.get(
    '/audit',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Who did what, when, to which resource, and how it ended; newest first',
        description: 'All that may change something or administers, and whoever was refused for who it is. Entries are never changed.',
        tags: ['keys'],
        querystring: strict({ ...PageQuery, owner: Type.Optional(Type.String({ maxLength: 64 })), key: Type.Optional(Type.String({ maxLength: 64, description: 'id of a key' })) }),
        response: withProblems({ 200: PageOf(ref(AuditEntry)) }),
      },
    },
    (request) => pipeline.listAudit(contextOf(request), request.query),
  )
}
