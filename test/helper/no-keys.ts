import { VentralError } from '../../src/domain/errors.ts'
import type { KeyPipeline } from '../../src/server/services.ts'

const none = (): never => {
  throw new VentralError('not-found', 'There are no keys here.')
}

/** A double without keys of its own: only the server's key, where it has one, is known. */
export const noKeys: KeyPipeline = {
  authenticate: async () => {
    throw new VentralError('key-required', 'This key is not known here.')
  },
  createKey: async () => none(),
  listKeys: async () => ({ items: [], next: null }),
  rotateKey: async () => none(),
  revokeKey: async () => none(),
  audit: async () => {},
  listAudit: async () => ({ items: [], next: null }),
}
