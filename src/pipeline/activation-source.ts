import type { Pooling, Preprocessing } from '../domain/backbone.ts'
import type { ExtractOptions, Network } from './extract.ts'
import type { LayerSize } from './layer-groups.ts'
import type { UnitBlocks } from './unit-blocks.ts'

/** Where the activations of a dataset's stimuli come from. */
export interface ActivationSource {
  /** as a request's `backbone` names it */
  readonly id: string
  /** what the request's `weights` came to: `sha256:…`, `random:SEED:REVISION` or `none` */
  readonly weights: string
  readonly pooling: Pooling
  /** how images became input; null where that is not known */
  readonly preprocessing: Preprocessing | null
  /** all that activations depend on besides their layer and the first engine (the second one is told): the same identity means the same bits */
  readonly identity: Readonly<Record<string, unknown>>
  /** what a new image can be run through; null where there is nothing but the activations themselves */
  readonly network: Network | null
  /** Units of the layers after pooling. */
  sizes(layers: readonly string[]): LayerSize[]
  /** Shape of a layer after pooling; null where only its units are known. */
  shape(layer: string): readonly number[] | null
  /** Hands each layer's activations to `visit`; they may be gone afterwards. */
  eachLayer(layers: readonly string[], options: ExtractOptions, visit: (layer: string, activations: UnitBlocks) => Promise<void>): Promise<void>
  /** Hands over the stimuli in order, batch by batch, all layers at once: layer -> (stimulus of batch x unit). */
  eachBatch(layers: readonly string[], options: Omit<ExtractOptions, 'spillBytes'>, visit: (first: number, count: number, activations: ReadonlyMap<string, Float32Array>) => void): Promise<void>
}

/** What provenance tells of a source. */
export type SourceFacts = Pick<ActivationSource, 'id' | 'weights' | 'pooling' | 'preprocessing'>
