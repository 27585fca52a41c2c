export type LayerKind = 'input' | 'conv' | 'norm' | 'relu' | 'activation' | 'pool' | 'linear' | 'block' | 'add' | 'concat' | 'flatten' | 'dropout' | 'other'

/** A tap that a backbone offers. `shape` is without the image axis; `units` its product. */
export interface LayerInfo {
  name: string
  shape: number[]
  units: number
  /** where the shape is (rows, columns, channels) rather than (channels, rows, columns) */
  channels?: 'last'
  kind: LayerKind
  /** of a layer of a user's ONNX model: the operator that computes it */
  operator?: string
  /** among the layers that `"layers":"default"` means */
  default: boolean
  region?: string
}

export type Pooling = 'none' | { grid: number }

/** How an image becomes a backbone's input (pixels in [0,1] after it; normalisation is part of the graph). */
export interface Preprocessing {
  resize: { width: number; height: number; filter: 'bilinear' }
  mean: [number, number, number]
  std: [number, number, number]
  /** changes when the bytes that come out for the same image change */
  revision: number
}

/** What may be varied of a backbone; a variant is named `ID+NAME=VALUE+NAME=VALUE`. */
export interface BackboneParameter {
  name: string
  /** what it varies */
  meaning: string
  /** which values it takes, in words */
  accepted: string
  /** the value of the backbone without it */
  default: string
}

export interface WeightsInfo {
  sha256: string
  source: string
  licence: string | null
  format: 'pth' | 'safetensors' | 'onnx'
  bytes: number
}
