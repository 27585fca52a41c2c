import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AuditEntry } from '../../domain/access.ts'
import { VentralError } from '../../domain/errors.ts'
import { createTokenBuckets } from '../token-buckets.ts'

declare module 'fastify' {
  interface FastifyRequest {
    audited: boolean
    /** code of the problem that it was refused with */
    problem: string | null
  }
}

const MAX_PATH = 300

/** Refusals of strangers that are kept from one address: they cost a stranger nothing, and would fill the disk. */
const STRANGERS = { burst: 100, perSecond: 0.1 }

/** The new resource where one was made, else the path that was asked for; without its query. */
const resourceOf = (request: FastifyRequest, reply: FastifyReply): string => {
  const location = reply.getHeader('location')
  return (typeof location === 'string' ? location : request.url.split('?')[0]).slice(0, MAX_PATH)
}

const entryOf = (request: FastifyRequest, reply: FastifyReply): Omit<AuditEntry, 'at'> => ({
  owner: request.principal?.owner ?? null,
  key: request.principal?.key ?? null,
  address: request.ip,
  action: `${request.method} ${request.routeOptions.url ?? '(none)'}`,
  resource: resourceOf(request, reply),
  status: reply.statusCode,
  code: request.problem,
  request: request.id,
})

/**
 * The audit log: all that may change something or administers, however it ends, and whoever is refused for who it is. An entry is in the
 * database before its answer leaves: what was answered as done is in the log. Where it cannot be kept, the answer is `busy`.
 */
export const auditRequests = (app: FastifyInstance, keep: (entry: Omit<AuditEntry, 'at'>) => Promise<void>): void => {
  const strangers = createTokenBuckets(STRANGERS)
  const isKept = (request: FastifyRequest, { statusCode }: FastifyReply): boolean => {
    const { scope } = request.routeOptions.config
    if (request.principal === null) return statusCode === 401 && strangers.take(request.ip) === 0
    return scope === 'write' || scope === 'admin' || statusCode === 403
  }
  app.decorateRequest('audited', false)
  app.decorateRequest('problem', null)
  app.addHook('onSend', async (request, reply) => {
    // The answer to a failure of this hook comes through it again.
    if (request.audited) return
    request.audited = true
    if (!isKept(request, reply)) return
    await keep(entryOf(request, reply)).catch((error: unknown) => {
      request.log.error({ err: error, action: request.routeOptions.url, status: reply.statusCode }, 'the audit log could not be written')
      // A refusal did nothing, and says so itself.
      if (reply.statusCode < 400) throw new VentralError('busy', 'The audit log cannot be written at the moment. What was asked may have been done; send it again with its Idempotency-Key, or look.')
    })
  })
}
