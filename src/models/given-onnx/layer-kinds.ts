import type { LayerKind } from '../../domain/backbone.ts'
import type { NamedNode } from './name-values.ts'

const kinds: Record<string, LayerKind> = Object.fromEntries(
  Object.entries({
    conv: ['Conv', 'ConvTranspose', 'ConvInteger', 'QLinearConv', 'DeformConv', 'FusedConv'],
    norm: ['BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'RMSNormalization', 'LRN', 'LpNormalization', 'MeanVarianceNormalization', 'SkipLayerNormalization'],
    relu: ['Relu', 'LeakyRelu', 'PRelu', 'ThresholdedRelu'],
    activation: ['Elu', 'Selu', 'Celu', 'Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu', 'HardSwish', 'HardSigmoid', 'Mish', 'Sigmoid', 'Softplus', 'Softsign', 'Softmax', 'Tanh', 'Swish'],
    pool: ['MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'ReduceMean', 'ReduceMax'],
    linear: ['Gemm', 'MatMul', 'FusedGemm', 'FusedMatMul'],
    add: ['Add', 'Sum'],
    concat: ['Concat'],
    flatten: ['Flatten', 'Reshape', 'Squeeze'],
    dropout: ['Dropout'],
  } satisfies Partial<Record<LayerKind, string[]>>).flatMap(([kind, operators]) => operators.map((operator) => [operator, kind])),
) as Record<string, LayerKind>

/** What a node is, as far as its operator tells; x · sigmoid(x), which has no operator, is told by its nodes. `rows`: whether a value has a row per image. */
export const kindOf = ({ node: { opType = '' }, inputs }: NamedNode, makers: ReadonlyMap<string, NamedNode>, rows: (value: string) => boolean): LayerKind => {
  // A bias or an epsilon joins no paths.
  if ((opType === 'Add' || opType === 'Sum') && inputs.filter(rows).length < 2) return 'other'
  // A clip is a ReLU6 in every network that sees images.
  if (opType === 'Clip') return 'relu'
  if (opType !== 'Mul' || inputs.length !== 2) return Object.hasOwn(kinds, opType) ? kinds[opType] : 'other'
  const isGateOf = (gate: string, value: string): boolean => /^(Hard)?Sigmoid$/.test(makers.get(gate)?.node.opType ?? '') && makers.get(gate)!.inputs[0] === value
  return isGateOf(inputs[0], inputs[1]) || isGateOf(inputs[1], inputs[0]) ? 'activation' : 'other'
}
