import type { FastifyReply } from 'fastify'

/** Aborted when the client goes before the answer is sent. */
export const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new Error('the client has gone')))
  return gone.signal
}
