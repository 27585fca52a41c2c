import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { VentralError } from '../../domain/errors.ts'
import { publicError, toProblem } from '../problem.ts'

const BUSY_RETRY_SECONDS = 1

/**
 * Reads and drops the rest of a refused body: a client that is still sending when the connection closes sees a broken pipe and
 * never the answer. The connection stays open for the same reason.
 */
const drain = ({ raw }: FastifyRequest, reply: FastifyReply): void => {
  reply.removeHeader('connection')
  raw.unpipe()
  raw.resume()
}

/** The one place through which every failure leaves: as problem+json, defects hidden and logged. */
export const handleErrors = (app: FastifyInstance): void => {
  app.setErrorHandler((error, request, reply) => {
    const shown = publicError(error)
    const problem = toProblem(shown)
    request.problem = problem.code
    if (problem.status >= 500 && problem.code !== 'busy') request.log.error({ err: error }, problem.title)
    else request.log.debug({ code: problem.code, detail: problem.detail }, 'refused')
    if (problem.code === 'busy') void reply.header('retry-after', BUSY_RETRY_SECONDS)
    if (problem.code === 'key-required') void reply.header('www-authenticate', 'Bearer')
    if (!request.raw.complete) drain(request, reply)
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  app.setNotFoundHandler((request) => {
    throw new VentralError('not-found', `There is nothing at ${request.method} ${request.url.split('?')[0]}. /docs lists what there is.`)
  })
}
