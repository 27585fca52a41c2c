import type { ClassificationPreprocessing } from './classification.ts'

/** What looks inside a network are asked of: the same for every kind. */
export interface LookRequest {
  backbone: string
  /** default `pretrained` */
  weights?: string
  seed?: number
  /** how images become the network's input: squashed, as for fits (default), or the middle of the resized image, as for classification */
  preprocessing?: ClassificationPreprocessing['kind']
}

/** Which channels of a layer are wanted: so many of the strongest in the image, none but the mean over all, all, or those named. */
export type ChannelChoice = { top: number } | 'mean' | 'all' | number[]

export interface MapsRequest extends LookRequest {
  layers: string[] | 'default' | 'all'
  /** of layers that are named as recurrent areas */
  timeStep?: number | 'all'
  /** sides of the maps are averaged to this many places first */
  grid?: number
  channels: ChannelChoice
}

export const lookFormats = ['json', 'npz', 'png'] as const
export type LookFormat = (typeof lookFormats)[number]

export interface LookedAt {
  name: string
  sha256: string
}

export interface LayerMaps {
  /** the tap, as GET /backbones lists it */
  layer: string
  timeStep: number | null
  region: string | null
  /** of one image after pooling, channels first */
  shape: number[]
  /** (image x row x column) mean over the channels; null of a vector, which has no places */
  mean: number[][][] | null
  /** (image x map) which channels the maps are of */
  channels: number[][] | null
  /** (image x map x row x column) */
  maps: number[][][][] | null
  /** (image x unit) of a vector; of tokens (image x token x unit) */
  values: number[][] | null
}

export interface MapsReport {
  backbone: string
  weights: string
  /** side of the network's input */
  inputSize: number
  preprocessing: ClassificationPreprocessing
  images: LookedAt[]
  layers: LayerMaps[]
}

export const camMethods = ['cam', 'grad-cam'] as const
export type CamMethod = (typeof camMethods)[number]

export interface CamRequest extends LookRequest {
  /** default: `cam` where no layer is named and the network allows it, else `grad-cam` */
  method?: CamMethod
  layer?: string
  timeStep?: number
  /** classes to map, by index or name; `top`: the likeliest; default: the likeliest one of each image */
  classes?: (number | string)[] | 'top'
  /** how many of the likeliest classes are listed */
  top: number
  /** share of the colours in the picture */
  alpha: number
}

export interface ClassShare {
  class: number
  name: string | null
  logit: number
  probability: number
}

export interface ClassMap extends ClassShare {
  /** (row x column) */
  map: number[][]
}

export interface CamReport {
  backbone: string
  weights: string
  inputSize: number
  preprocessing: ClassificationPreprocessing
  method: CamMethod
  layer: string
  /** classes of the network */
  classes: number
  images: (LookedAt & { top: ClassShare[]; maps: ClassMap[] })[]
}
