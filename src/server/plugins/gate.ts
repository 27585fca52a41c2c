import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { may, operator } from '../../domain/access.ts'
import type { Principal, Scope } from '../../domain/access.ts'
import { VentralError } from '../../domain/errors.ts'
import { parseKey } from '../../pipeline/key-secret.ts'
import { isLoopbackLiteral } from '../loopback.ts'
import { createTokenBuckets } from '../token-buckets.ts'

export interface GateOptions {
  host: string
  port: number
  apiKey: string | null
  /** requests per second and key; 0: any number */
  rateLimit?: number
}

/** Seconds of the rate that a key may use at once: a page full of images comes all together. */
const BURST_SECONDS = 10

/** Wrong guesses at VENTRAL_API_KEY, which somebody made up, from one address. Keys of the table cannot be guessed. */
const GUESSES = { burst: 20, perSecond: 0.2 }

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** "name:port" in its parts; the port is that of plain HTTP where none is said. Null for anything else. */
const parseHost = (text: string): { name: string; port: number } | null => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::(\d{1,5}))?$/i.exec(text)
  return match === null ? null : { name: (match[1] ?? match[2]).toLowerCase(), port: Number(match[3] ?? 80) }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const bearerOf = (request: FastifyRequest): string | undefined => /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]

const assertMay = (principal: Principal, scope: Scope): void => {
  if (!may(principal, scope))
    throw new VentralError('forbidden', `This takes a key with the scope "${scope}"; this one has ${principal.scopes.join(', ')}.`, [
      { pointer: 'Authorization', expected: `a key with the scope "${scope}"`, found: principal.scopes.join(', ') },
    ])
}

/**
 * Who may ask. Without a key only this machine can connect, so a browser is the way in for others: a page of another
 * site may send requests here (cross-site), or have its own name point here (DNS rebinding: the Host tells). With
 * VENTRAL_API_KEY every request needs a key but those to routes marked `public`, and a page of another site knows none.
 * A key that is sent always counts: one that is wrong, or may not do this, is refused where none would be needed, too.
 * A key of the table makes so many requests per second here; whoever runs the server sets that, and has no limit.
 */
export const guard = (app: FastifyInstance, { host, port, apiKey, rateLimit = 0 }: GateOptions, authenticate: (token: string) => Promise<Principal>): void => {
  const ownPort = (): number => (app.server.address() as AddressInfo | null)?.port ?? port
  const isOurs = (text: string | undefined): boolean => {
    const parsed = text === undefined ? null : parseHost(text)
    return parsed !== null && parsed.port === ownPort() && (isLoopbackLiteral(parsed.name) || parsed.name === host.toLowerCase())
  }
  const isOwnOrigin = (origin: string): boolean => origin.startsWith('http://') && isOurs(origin.slice('http://'.length))

  const assertNotForged = ({ headers, method }: FastifyRequest): void => {
    if (apiKey === null && !isOurs(headers.host))
      throw new VentralError('wrong-host', `This server is not ${headers.host ?? 'a host without a name'}. Ask for 127.0.0.1:${ownPort()}, or set VENTRAL_HOST to the name it is to have.`)
    if (safeMethods.has(method)) return
    const foreign = apiKey === null && headers.origin !== undefined && !isOwnOrigin(headers.origin)
    if (foreign || headers['sec-fetch-site'] === 'cross-site') throw new VentralError('cross-site', 'A page of another site may not change anything here.')
  }

  const rates = rateLimit === 0 ? null : createTokenBuckets({ perSecond: rateLimit, burst: Math.max(1, BURST_SECONDS * rateLimit) })
  const guesses = createTokenBuckets(GUESSES)

  const refuseFor = (seconds: number, reply: FastifyReply, detail: string): void => {
    if (seconds === 0) return
    void reply.header('retry-after', Math.ceil(seconds))
    throw new VentralError('rate-limited', detail)
  }

  const identify = async (request: FastifyRequest, reply: FastifyReply): Promise<Principal> => {
    const token = bearerOf(request)
    if (token === undefined) {
      if (apiKey === null) return operator
      throw new VentralError('key-required', 'This server wants a key: send it as "Authorization: Bearer KEY" (VENTRAL_API_KEY of the server, or one of "ventral keys add").')
    }
    const isOperators = apiKey !== null && timingSafeEqual(digest(token), digest(apiKey))
    if (parseKey(token) !== null) return isOperators ? operator : authenticate(token)
    // A right guess is refused as well as a wrong one, so that nothing is learnt by guessing on.
    refuseFor(guesses.wait(request.ip), reply, 'Too many wrong keys came from this address. Send the right one after the time in Retry-After.')
    if (isOperators) return operator
    guesses.take(request.ip)
    return authenticate(token)
  }

  app.decorateRequest('principal', null)
  app.addHook('onRequest', async (request, reply) => {
    assertNotForged(request)
    const { public: isPublic, scope } = request.routeOptions.config
    if (isPublic === true) return
    const principal = await identify(request, reply)
    request.principal = principal
    if (rates !== null && principal.key !== null)
      refuseFor(rates.take(principal.key), reply, `This key may make ${rateLimit} requests per second. Send this one again after the time in Retry-After.`)
    // Only what is not found has no scope: `requireScopes` has seen to it.
    if (scope !== undefined) assertMay(principal, scope)
  })
}
