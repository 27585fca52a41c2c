import dns from 'node:dns/promises'
import net from 'node:net'
import { VentralError } from '../domain/errors.ts'

/** Whether a host is an IP literal of the loopback interface, or the name that always means it. */
export const isLoopbackLiteral = (host: string): boolean => host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'))

const isLoopback = async (host: string): Promise<boolean> => {
  if (isLoopbackLiteral(host)) return true
  if (net.isIP(host) !== 0) return false
  const addresses = await dns.lookup(host, { all: true }).catch(() => [])
  return addresses.length > 0 && addresses.every(({ address }) => isLoopbackLiteral(address))
}

/** Throws `key-required` when the address can be reached from other machines and no key guards it. */
export const assertMayListen = async ({ host, apiKey }: { host: string; apiKey: string | null }): Promise<void> => {
  if (apiKey !== null || (await isLoopback(host))) return
  throw new VentralError('key-required', `${host} can be reached from other machines: set VENTRAL_API_KEY to a secret, or listen on 127.0.0.1.`)
}
