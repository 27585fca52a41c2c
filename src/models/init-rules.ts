/** How a parameter is drawn when a backbone gets random weights. */
export type Init =
  | { kind: 'constant'; value: number }
  /** on [-bound, bound) */
  | { kind: 'uniform'; bound: number }
  | { kind: 'normal'; std: number }

export interface WeightInit {
  weight: Init
  bias: Init
}

/** A family's rules for its convolutions and linear layers. Norms begin as the identity everywhere. */
export interface InitRules {
  conv: (weightShape: readonly number[]) => WeightInit
  linear: (weightShape: readonly number[]) => WeightInit
}

// torch's fans: shape is (out, in / groups, kernel…), and the fan-out is not divided by the groups
const receptive = (shape: readonly number[]): number => shape.slice(2).reduce((a, b) => a * b, 1)
const fanIn = (shape: readonly number[]): number => shape[1] * receptive(shape)
const fanOut = (shape: readonly number[]): number => shape[0] * receptive(shape)

const zero: Init = { kind: 'constant', value: 0 }

/** What torch's Conv2d and Linear do by themselves: Kaiming uniform with a = √5, which is U(±1/√fan_in), for weight and bias. */
export const torchDefault = (shape: readonly number[]): WeightInit => {
  const init: Init = { kind: 'uniform', bound: 1 / Math.sqrt(fanIn(shape)) }
  return { weight: init, bias: init }
}

/** Kaiming normal for a ReLU over the outgoing connections; bias 0. */
export const kaimingNormalFanOut = (shape: readonly number[]): WeightInit => ({
  weight: { kind: 'normal', std: Math.sqrt(2 / fanOut(shape)) },
  bias: zero,
})

/** Kaiming normal for a ReLU over the incoming connections; bias 0. */
export const kaimingNormalFanIn = (shape: readonly number[]): WeightInit => ({
  weight: { kind: 'normal', std: Math.sqrt(2 / fanIn(shape)) },
  bias: zero,
})

/** Kaiming uniform for a ReLU over the incoming connections; bias 0. */
export const kaimingUniformFanIn = (shape: readonly number[]): WeightInit => ({
  weight: { kind: 'uniform', bound: Math.sqrt(6 / fanIn(shape)) },
  bias: zero,
})

/** N(0, std²), of whatever shape; bias 0. */
export const normalOf = (std: number) => (): WeightInit => ({ weight: { kind: 'normal', std }, bias: zero })

/** N(0, .01²); bias 0. */
export const smallNormal = normalOf(0.01)

/** U(±1/√outputs); bias 0. */
export const uniformByOutputs = (shape: readonly number[]): WeightInit => ({ weight: { kind: 'uniform', bound: 1 / Math.sqrt(shape[0]) }, bias: zero })

/** torch's default weight, bias 0. */
export const defaultWeightZeroBias = (shape: readonly number[]): WeightInit => ({ weight: torchDefault(shape).weight, bias: zero })

export const torchDefaults: InitRules = { conv: torchDefault, linear: torchDefault }
