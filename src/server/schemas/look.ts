import { Type } from 'typebox'
import { camMethods, lookFormats } from '../../domain/looks.ts'
import { Nullable, ref, strict } from './common.ts'

/** What every look is asked: which network, and how the answer comes. */
export const LookQuery = {
  backbone: Type.String(),
  weights: Type.Optional(Type.String({ description: '`pretrained` unless said, `random`, or `sha256:…`' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, description: 'of random weights; 0 unless said' })),
  preprocessing: Type.Optional(Type.Enum(['squash', 'crop'], { description: '`squash`: the whole image, as for fits (unless said); `crop`: resized and its middle, as published for classification with these weights' })),
  format: Type.Optional(Type.Enum([...lookFormats], { description: 'else what `Accept` likes best of application/json, application/zip (npz) and image/png' })),
}

export const MapsQuery = strict({
  ...LookQuery,
  layers: Type.Optional(Type.String({ description: 'names with commas between them, `default` (unless said) or `all`' })),
  timeStep: Type.Optional(Type.String({ pattern: '^(all|\\d{1,4})$', description: 'of layers that are named as recurrent areas (`IT`): one step, or `all`; without it what the area gives at last' })),
  grid: Type.Optional(Type.Integer({ minimum: 1, maximum: 512, description: 'sides of the maps are averaged to so many places first' })),
  channels: Type.Optional(Type.String({ pattern: '^(top|mean|all|\\d{1,6}(,\\d{1,6})*)$', description: '`top`: the strongest by their mean over the places; `mean`: only the mean over all channels; `all`; or indices. Unless said `all` in an npz and `top` elsewhere' })),
  top: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096, description: 'how many `top` means; 16 unless said' })),
})

export const CamQuery = strict({
  ...LookQuery,
  method: Type.Optional(Type.Enum([...camMethods], { description: '`cam`: the weights of the classifier on its last maps; `grad-cam`: of any layer with maps, by the gradient. Unless said `cam` where no layer is named and the network has one' })),
  layer: Type.Optional(Type.String({ description: 'unless said the last one with maps' })),
  timeStep: Type.Optional(Type.Integer({ minimum: 0, description: 'of a layer that is named as a recurrent area' })),
  class: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'one index, several with commas between them, one name, or `top`: the likeliest ones; unless said the likeliest one of each image' })),
  top: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'how many of the likeliest classes are listed, and mapped with `class=top`; 5 unless said' })),
  alpha: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'share of the colours in the picture; 0.5 unless said' })),
})

const Preprocessing = Type.Union([
  strict({ kind: Type.Literal('squash'), side: Type.Integer(), filter: Type.Literal('bilinear') }),
  strict({ kind: Type.Literal('crop'), resize: Type.Integer({ description: 'of the shorter side' }), crop: Type.Integer({ description: 'side of the middle square' }), filter: Type.Enum(['bilinear', 'bicubic']), from: Type.String() }),
])

const LookedAt = { name: Type.String(), sha256: Type.String() }
const Numbers = (description: string) => Type.Array(Type.Unknown(), { description })

export const LayerMaps = strict({
  layer: Type.String(),
  timeStep: Nullable(Type.Integer()),
  region: Nullable(Type.String()),
  shape: Type.Array(Type.Integer(), { description: 'of one image after pooling, channels first' }),
  mean: Nullable(Numbers('image x row x column: the mean over all channels; null of a vector')),
  channels: Nullable(Type.Array(Type.Array(Type.Integer()), { description: 'image x map: the channels that the maps are of' })),
  maps: Nullable(Numbers('image x map x row x column')),
  values: Nullable(Numbers('image x unit, of a vector')),
}, { $id: 'LayerMaps' })

export const MapsReport = strict({
  backbone: Type.String(),
  weights: Type.String({ description: '`sha256:…`, `random:SEED:REVISION`, or `none` where there are none' }),
  inputSize: Type.Integer(),
  preprocessing: Preprocessing,
  images: Type.Array(strict(LookedAt)),
  layers: Type.Array(ref(LayerMaps)),
}, { $id: 'MapsReport' })

const classShare = {
  class: Type.Integer(),
  name: Nullable(Type.String()),
  logit: Type.Number(),
  probability: Type.Number({ description: 'exp(logit) over the sum of all classes' }),
}
export const ClassShare = strict(classShare, { $id: 'ClassShare' })

export const CamReport = strict({
  backbone: Type.String(),
  weights: Type.String({ description: '`sha256:…`, `random:SEED:REVISION`, or `none` where there are none' }),
  inputSize: Type.Integer(),
  preprocessing: Preprocessing,
  method: Type.Enum([...camMethods]),
  layer: Type.String({ description: 'whose maps are weighted' }),
  classes: Type.Integer({ description: 'how many the network tells apart' }),
  images: Type.Array(strict({ ...LookedAt, top: Type.Array(ref(ClassShare)), maps: Type.Array(strict({ ...classShare, map: Numbers('row x column') })) })),
}, { $id: 'CamReport' })
