import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
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

const hasKey = (request: FastifyRequest, key: string): boolean => {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(key))
}

/**
 * Who may ask. Without a key only this machine can connect, so a browser is the way in for others: a page of another
 * site may send requests here (cross-site), or have its own name point here (DNS rebinding: the Host tells). With a
 * key every request needs it but those to routes marked `public`, and a page of another site does not know it.
 */
export const guard = (app: FastifyInstance, { host, port, apiKey }: GateOptions): void => {
  const ownPort = (): number => (app.server.address() as AddressInfo | null)?.port ?? port
  const isOurs = (text: string | undefined): boolean => {
    const parsed = text === undefined ? null : parseHost(text)
    return parsed !== null && parsed.port === ownPort() && (isLoopbackLiteral(parsed.name) || parsed.name === host.toLowerCase())
  }
  const isOwnOrigin = (origin: string): boolean => origin.startsWith('http://') && isOurs(origin.slice('http://'.length))

  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request
    if (apiKey === null && !isOurs(headers.host))
      throw new VentralError('wrong-host', `This server is not ${headers.host ?? 'a host without a name'}. Ask for 127.0.0.1:${ownPort()}, or set VENTRAL_HOST to the name it is to have.`)
    if (!safeMethods.has(request.method)) {
      const foreign = apiKey === null && headers.origin !== undefined && !isOwnOrigin(headers.origin)
      if (foreign || headers['sec-fetch-site'] === 'cross-site') throw new VentralError('cross-site', 'A page of another site may not change anything here.')
    }
    if (apiKey !== null && request.routeOptions.config.public !== true && !hasKey(request, apiKey))
      throw new VentralError('key-required', 'This server wants a key: send it as "Authorization: Bearer KEY" (VENTRAL_API_KEY of the server).')
    done()
  })
}
