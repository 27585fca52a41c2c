import { Type } from 'typebox'
import { strict } from './common.ts'

export const SiteLabel = strict({ id: Type.String(), region: Type.String() })

export const EncoderView = strict({
  id: Type.String(),
  fit: Type.String(),
  dataset: Type.String(),
  backbone: Type.String(),
  layer: Type.String(),
  unit: Type.String(),
  sites: Type.Array(SiteLabel),
  inputSize: Type.Integer({ description: 'S of the input `pixels` (n,3,S,S)' }),
  files: Type.Array(strict({ name: Type.String(), sha256: Type.String() })),
  provenance: Type.Record(Type.String(), Type.Unknown()),
  createdAt: Type.String({ format: 'date-time' }),
}, { $id: 'EncoderView' })

export const EncoderRequest = strict({ fit: Type.String(), layer: Type.String() })
