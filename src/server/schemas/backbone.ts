import { Type } from 'typebox'
import { Nullable, ref, strict } from './common.ts'

export const WeightsInfo = Type.Object({
  sha256: Type.String(),
  source: Type.String(),
  licence: Nullable(Type.String()),
  format: Type.Enum(['pth', 'safetensors', 'onnx']),
  bytes: Type.Integer(),
}, { $id: 'WeightsInfo' })

export const LayerInfo = strict({
  name: Type.String(),
  shape: Type.Array(Type.Integer(), { description: 'without the image axis' }),
  units: Type.Integer(),
  kind: Type.String(),
  default: Type.Boolean({ description: 'among the layers that `"layers":"default"` means' }),
  region: Type.Optional(Type.String()),
}, { $id: 'LayerInfo' })

const BackboneParameter = strict({
  name: Type.String(),
  meaning: Type.String({ description: 'what it varies' }),
  accepted: Type.String({ description: 'which values it takes' }),
  default: Type.String({ description: 'the value of the backbone without it' }),
})

export const BackboneSummary = strict({
  id: Type.String(),
  family: Type.String(),
  inputSize: Type.Integer(),
  layerCount: Type.Integer(),
  parameters: Type.Optional(Type.Array(BackboneParameter, { description: 'what may be varied: a variant is the backbone `ID+NAME=VALUE+NAME=VALUE`' })),
  weights: Type.Array(ref(WeightsInfo), { description: 'weights that are here, the latest first; empty when only random weights can be had' }),
}, { $id: 'BackboneSummary' })

export const BackboneDescription = strict({ ...BackboneSummary.properties, layers: Type.Array(ref(LayerInfo)) }, { $id: 'BackboneDescription' })
