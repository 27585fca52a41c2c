/** What a key may be used for. `admin` allows everything, and sees everybody's resources. */
export const scopes = ['read', 'predict', 'write', 'admin'] as const

export type Scope = (typeof scopes)[number]

/** Who asks: whose resources it sees and makes, and what it may do. */
export interface Principal {
  owner: string
  scopes: readonly Scope[]
  /** id of its key; null for whoever runs the server: VENTRAL_API_KEY, or this machine where there is none */
  key: string | null
}

/** Whoever runs the server. */
export const operator: Principal = { owner: 'local', scopes, key: null }

export const isAdmin = ({ scopes: given }: Principal): boolean => given.includes('admin')

export const may = (principal: Principal, scope: Scope): boolean => isAdmin(principal) || principal.scopes.includes(scope)

/** Whose rows it sees; null for everybody's. */
export const rowsOf = (principal: Principal): string | null => (isAdmin(principal) ? null : principal.owner)

/** A key as it is shown: never its secret. */
export interface ApiKey {
  id: string
  name: string
  /** what the key begins with */
  prefix: string
  owner: string
  scopes: Scope[]
  status: 'active' | 'expired' | 'revoked'
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  /** to the minute */
  lastUsedAt: string | null
  /** the key that it was rotated to */
  replacedBy: string | null
}

/** A key just made: the only time that it is told. */
export interface NewApiKey extends ApiKey {
  key: string
}

export interface ApiKeyRequest {
  name: string
  owner: string
  scopes: Scope[]
  /** ISO 8601; null or left out: until it is revoked */
  expiresAt?: string | null
}

/** One line of the audit log. */
export interface AuditEntry {
  at: string
  /** null: nobody who is known */
  owner: string | null
  /** id of the key; null without one, and of VENTRAL_API_KEY */
  key: string | null
  address: string
  /** method and pattern of the route */
  action: string
  /** path of what it was about, or of what it made */
  resource: string
  status: number
  /** of the problem, where it was refused */
  code: string | null
  /** id of the request, as the log has it */
  request: string
}
