import { Type } from 'typebox'
import { Nullable, strict } from './common.ts'

export const AuditEntry = strict(
  {
    at: Type.String({ description: 'ISO 8601' }),
    owner: Nullable(Type.String({ description: 'who asked; null: nobody who is known' })),
    key: Nullable(Type.String({ description: 'id of the key; null without one, and of VENTRAL_API_KEY' })),
    address: Type.String(),
    action: Type.String({ description: 'method and pattern of the route' }),
    resource: Type.String({ description: 'path of what it was about, or of what it made' }),
    status: Type.Integer(),
    code: Nullable(Type.String({ description: 'of the problem, where it was refused' })),
    request: Type.String({ description: 'id of the request, as the log has it' }),
  },
  { $id: 'AuditEntry' },
)
