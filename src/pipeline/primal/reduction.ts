import type { ReductionPlan } from '../../domain/fit.ts'
import { distortionAt, safeDimensions } from '../../encoding/cells/johnson-lindenstrauss.ts'

/** Up to so many stimuli a fit works on the Gram matrix of all of them (DESIGN.md, How data flows). */
export const MAX_DUAL_STIMULI = 8000
/** Dimensions that activations are reduced to unless said otherwise, and the most that may be asked for. */
export const DEFAULT_DIMENSIONS = 4096
export const MAX_DIMENSIONS = 8192
/** Distortion that more dimensions than needed for it would not be spent on. */
const AIM = 0.1

/** Dimensions for so many stimuli by default: enough for a distortion of .1, at most 4,096. */
export const defaultDimensions = (stimuli: number): number => Math.min(DEFAULT_DIMENSIONS, safeDimensions(stimuli, AIM))

/** Dimensions of a layer under a plan: its own units where these are not more. */
export const dimensionsOf = (units: number, { dimensions }: ReductionPlan): number => Math.min(units, dimensions)

/** What a report says of a layer's reduction; a layer with no more units than dimensions is taken as it is. */
export const describeReduction = (stimuli: number, units: number, plan: ReductionPlan) => ({
  units,
  dimensions: dimensionsOf(units, plan),
  distortion: units <= plan.dimensions ? 0 : distortionAt(stimuli, plan.dimensions),
})
