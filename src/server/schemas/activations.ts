import { Type } from 'typebox'
import { strict } from './common.ts'

export const ActivationsVersion = strict({
  name: Type.String(),
  dataset: Type.String({ description: 'whose stimuli the rows are; no fit of another dataset takes them' }),
  sha256: Type.String({ description: 'over names, shapes and bytes of all layers: what a fit pins' }),
  layers: Type.Array(
    strict({
      name: Type.String(),
      shape: Type.Array(Type.Integer(), { description: 'without the stimulus axis' }),
      units: Type.Integer(),
      type: Type.Enum(['f4', 'f8']),
      sha256: Type.String({ description: 'of the layer as .npy with its rows in the order of the dataset' }),
      bytes: Type.Integer(),
    }),
  ),
  source: Type.String(),
  uploadSha256: Type.String({ description: 'of the file as it was sent' }),
  createdAt: Type.String({ format: 'date-time' }),
}, { $id: 'ActivationsVersion' })
