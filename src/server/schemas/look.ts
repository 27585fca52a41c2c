import { Type } from 'typebox'
import { lookFormats } from '../../domain/looks.ts'
import { Nullable, ref, strict } from './common.ts'

/** What every look is asked: which network, and how the answer comes. */
export const LookQuery = {
  backbone: Type.String(),
  weights: Type.Optional(Type.String({ description: '`pretrained` unless said, `random`, or `sha256:…`' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, description: 'of random weights; 0 unless said' })),
  format: Type.Optional(Type.Enum([...lookFormats], { description: 'else what `Accept` likes best of application/json, application/zip (npz) and image/png' })),
}

export const MapsQuery = strict({
  ...LookQuery,
  layers: Type.Optional(Type.String({ description: 'names with commas between them; `default` unless said' })),
  timeStep: Type.Optional(Type.String({ pattern: '^(all|\\d{1,4})$', description: 'of layers that are named as recurrent areas (`IT`): one step, or `all`; without it what the area gives at last' })),
  grid: Type.Optional(Type.Integer({ minimum: 1, maximum: 512, description: 'sides of the maps are averaged to so many places first' })),
  channels: Type.Optional(Type.String({ pattern: '^(top|mean|all|\\d{1,6}(,\\d{1,6})*)$', description: '`top`: the strongest by their mean over the places; `mean`: only the mean over all channels; `all`; or indices. Unless said `all` in an npz and `top` elsewhere' })),
  top: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096, description: 'how many `top` means; 16 unless said' })),
})

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
  images: Type.Array(strict(LookedAt)),
  layers: Type.Array(ref(LayerMaps)),
}, { $id: 'MapsReport' })
