import { Type } from 'typebox'
import { scopes } from '../../domain/access.ts'
import { Nullable, strict } from './common.ts'

const Scopes = Type.Array(Type.Enum([...scopes]), { minItems: 1, maxItems: scopes.length, description: '`admin` allows everything, and sees everybody’s resources' })
const Time = Type.String({ description: 'ISO 8601' })

const fields = {
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'what the key begins with' }),
  owner: Type.String({ description: 'whose resources it sees and makes' }),
  scopes: Scopes,
  status: Type.Enum(['active', 'expired', 'revoked']),
  createdAt: Time,
  expiresAt: Nullable(Time),
  revokedAt: Nullable(Time),
  lastUsedAt: Nullable(Type.String({ description: 'ISO 8601, to the minute' })),
  replacedBy: Nullable(Type.String({ description: 'id of the key that it was rotated to' })),
}

export const ApiKey = strict(fields, { $id: 'ApiKey', description: 'An API key, without its secret' })

export const NewApiKey = strict({ ...fields, key: Type.String({ description: 'the key itself, told this once' }) }, { $id: 'NewApiKey' })

export const ApiKeyRequest = strict({
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f]+$', description: 'what it is for' }),
  owner: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$', description: 'whose resources it sees and makes; `local` are those of VENTRAL_API_KEY, and of this machine where none is set' }),
  scopes: Scopes,
  expiresAt: Type.Optional(Nullable(Type.String({ maxLength: 40, description: 'ISO 8601; until it is revoked, unless said' }))),
})

export const RotateRequest = strict({
  graceSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000, description: 'how long the old key works on; 0 unless said' })),
})
