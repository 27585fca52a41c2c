import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { may, operator } from '../../domain/access.ts'
import type { Principal, Scope } from '../../domain/access.ts'
import { VentralError } from '../../domain/errors.ts'
import { isLoopbackLiteral } from '../loopback.ts'

export interface GateOptions {
  host: string
  port: number
  apiKey: string | null
}

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
 */
export const guard = (app: FastifyInstance, { host, port, apiKey }: GateOptions, authenticate: (token: string) => Promise<Principal>): void => {
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

  const identify = async (request: FastifyRequest): Promise<Principal> => {
    const token = bearerOf(request)
    if (token === undefined) {
      if (apiKey === null) return operator
      throw new VentralError('key-required', 'This server wants a key: send it as "Authorization: Bearer KEY" (VENTRAL_API_KEY of the server, or one of "ventral keys add").')
    }
    if (apiKey !== null && timingSafeEqual(digest(token), digest(apiKey))) return operator
    return authenticate(token)
  }

  app.decorateRequest('principal', null)
  app.addHook('onRequest', async (request) => {
    assertNotForged(request)
    const { public: isPublic, scope } = request.routeOptions.config
    if (isPublic === true) return
    request.principal = await identify(request)
    // Only what is not found has no scope: `requireScopes` has seen to it.
    if (scope !== undefined) assertMay(request.principal, scope)
  })
}
