import type { LayerKind } from '../domain/backbone.ts'
import type { Operation } from './graph.ts'

/** What a tap is called by the operation that makes its value. */
export const layerKinds: Record<Operation['kind'], LayerKind> = {
  input: 'input',
  zeros: 'other',
  conv: 'conv',
  batchNorm: 'norm',
  groupNorm: 'norm',
  relu: 'relu',
  relu6: 'relu',
  activation: 'activation',
  layerNorm: 'norm',
  maxPool: 'pool',
  avgPool: 'pool',
  adaptiveAvgPool: 'pool',
  linear: 'linear',
  square: 'other',
  root: 'activation',
  divide: 'norm',
  add: 'add',
  max: 'pool',
  gate: 'other',
  scale: 'other',
  permute: 'other',
  channels: 'other',
  pad: 'other',
  shuffle: 'other',
  concat: 'concat',
  flatten: 'flatten',
  given: 'other',
}
