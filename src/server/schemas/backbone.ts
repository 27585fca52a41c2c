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
  operator: Type.Optional(Type.String({ description: 'that computes it, in a model of your own' })),
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

const Triple = Type.Array(Type.Number(), { minItems: 3, maxItems: 3 })

export const Preprocessing = strict({
  resize: strict({ width: Type.Integer(), height: Type.Integer(), filter: Type.Literal('bilinear') }),
  mean: Triple,
  std: Triple,
  revision: Type.Integer(),
}, { $id: 'Preprocessing', description: 'how images become the input: resized, scaled to [0, 1], minus mean, divided by std' })

const Origin = Type.Enum(['user', 'file', 'assumed'], { description: 'who said it: you, the file, or nobody (what most networks take)' })

export const ModelFacts = strict({
  producer: Type.String({ description: 'as the file states it' }),
  opsets: Type.Record(Type.String(), Type.Integer(), { description: 'operator sets by domain; "" is ONNX’s own' }),
  origin: strict({ inputSize: Origin, normalisation: Origin }),
}, { $id: 'ModelFacts', description: 'of an ONNX model of your own' })

export const BackboneDescription = strict({ ...BackboneSummary.properties, preprocessing: ref(Preprocessing), model: Type.Optional(ref(ModelFacts)), layers: Type.Array(ref(LayerInfo)) }, { $id: 'BackboneDescription' })
