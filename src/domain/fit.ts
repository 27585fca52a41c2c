import type { JointMapping, JointOptions } from './banded.ts'
import type { Pooling } from './backbone.ts'
import type { EngineName } from './engine.ts'
import type { ProblemCode, ProblemDetail } from './errors.ts'
import type { Placement } from './placement.ts'
import type { PermutationPlan } from './scores.ts'

/** Folds of the training rows that choose penalties and layers: unshuffled, or as StratifiedKFold shuffles them. */
export interface InnerFolds {
  folds: number
  stratified?: { by: string; seed: number }
}

/** Principal components of the training rows; `all`: of all stimuli, test rows included, as pipelines that fit PCA before they split. */
export type Pca = number | { components: number; fitOn: 'all' }

/** Ridge with the penalty chosen by inner cross-validation, or in closed form (leave-one-out, GCV). `relative` alphas are multiplied by tr(Kc_train)/n_train. */
export interface RidgeMapping {
  method: 'ridge'
  alphas: number[]
  alphaUnits: 'relative' | 'absolute'
  alphaPer: 'site' | 'all'
  /** loss that a shared alpha minimises; by default MSE over the site's training variance */
  sharedLoss?: 'raw'
  inner: InnerFolds | 'loo' | 'gcv'
  pca?: Pca
  /** ml-matrix and ml-pca on the activations themselves: a cross-check */
  solver?: 'reference'
}

/** The minimum-norm least-squares solution. */
export interface LinearMapping {
  method: 'linear'
  inner: InnerFolds
  pca?: Pca
  solver?: 'reference'
}

/** Partial least squares (PLS2 as scikit-learn's PLSRegression; `perSite`: each site by itself). */
export interface PlsMapping {
  method: 'pls'
  components: number
  /** divide each site by its training standard deviation */
  yScale: 'site' | 'none'
  perSite: boolean
  /** `exact`: the dominant direction itself; `nipals-sklearn`: scikit-learn's loose iteration, digit for digit; `reference`: ml-pls on the activations themselves, a cross-check */
  solver: 'exact' | 'nipals-sklearn' | 'reference'
  inner: InnerFolds
  pca?: Pca
}

/** `inner` folds choose penalties and layers; `pca` fits on the scores of so many principal components. */
export type Mapping = RidgeMapping | LinearMapping | PlsMapping

/** Random divisions: so many, with shares (over 0, under 1) of the stimuli or groups in each part. */
export interface Shuffled {
  splits: number
  seed: number
  trainSize?: number
  testSize?: number
}

/** Every way to divide the stimuli. `by` names the metadata column that a scheme groups or stratifies by, or that gives the split. */
export type SplitRequest =
  | { scheme: 'kfold'; folds: number; shuffle: boolean; seed: number }
  | { scheme: 'stratifiedkfold'; folds: number; shuffle: boolean; seed: number; by: string }
  | ({ scheme: 'shufflesplit' } & Shuffled)
  | ({ scheme: 'stratifiedshufflesplit'; by: string } & Shuffled)
  | { scheme: 'groupkfold'; folds: number; by: string }
  | ({ scheme: 'groupshufflesplit'; by: string } & Shuffled)
  | { scheme: 'leaveonegroupout'; by: string }
  | { scheme: 'given'; by: string }

/** Which sites are fitted: all conditions given must hold; none means all sites. */
export interface SiteChoice {
  region?: string
  /** one animal, or several */
  animal?: string | string[]
  ids?: string[]
  /** least reliability. All sites that the other conditions name are fitted, and these alone are reported */
  minCeiling?: number
}

export type Control = { name: 'pixels'; pooling: Pooling } | { name: 'random'; seeds: number[] }

/** A further network whose layers join a fit under the names `NAME:layer`. */
export interface NamedNetwork {
  name: string
  backbone: string
  weights: 'pretrained' | 'random' | `sha256:${string}`
  seed: number
  layers: string[]
  pooling: Pooling
}

/**
 * How activations are reduced where stimuli outnumber what a Gram matrix can hold: layers of more units than `dimensions` by a very sparse
 * random projection, the others not at all. The fit is then made from sufficient statistics of its fold cells.
 */
export interface ReductionPlan {
  dimensions: number
  seed: number
}

/** A published recipe that one word of the request asks for. */
export type Protocol = 'brain-score' | 'nx414'

export type SelectBy = 'correlation.median' | 'explainedVariance.mean'

/** The body of POST /fit: what a user may say; the rest is filled in by defaults (see ResolvedFit). */
export interface FitRequest {
  dataset: string
  backbone: string
  weights?: string
  seed?: number
  layers?: 'default' | 'all' | string[]
  pooling?: Pooling
  alongside?: { backbone: string; weights?: string; seed?: number; layers?: 'default' | 'all' | string[]; pooling?: Pooling }[]
  mapping?: { method?: string; inner?: { folds?: number } | 'loo' | 'gcv'; pca?: number | { components: number; fitOn?: 'train' | 'all' } } & Partial<
    Omit<RidgeMapping, 'method' | 'inner' | 'pca' | 'sharedLoss' | 'solver'> & Omit<PlsMapping, 'method' | 'inner' | 'pca'>
  > &
    JointOptions
  split?: { scheme: string; folds?: number; shuffle?: boolean; by?: string } & Partial<Shuffled>
  sites?: SiteChoice
  controls?: (string | { name: string; pooling?: Pooling; seeds?: number[] })[]
  alsoBy?: string[]
  groupDuplicates?: boolean
  placement?: Placement
  encoder?: string
  selectBy?: SelectBy
  reduction?: Partial<ReductionPlan>
  /** a finished fit of another dataset: its best layer is this fit's */
  layerFrom?: string
  protocol?: string
  /** a permutation test; absent: none */
  permutations?: Partial<PermutationPlan>
  /** what computes the networks; absent: what the service is set to */
  engine?: EngineName
}

/** The request of a fit with every default filled in and every name checked: what is run, and what provenance shows. */
export interface ResolvedFit {
  dataset: string
  backbone: string
  weights: 'pretrained' | 'random' | `sha256:${string}`
  seed: number
  layers: string[]
  pooling: Pooling
  /** absent in fits of before there were any */
  alongside?: NamedNetwork[]
  mapping: Mapping | JointMapping
  split: SplitRequest
  sites: SiteChoice
  controls: Control[]
  alsoBy: string[]
  groupDuplicates: boolean
  placement: Placement
  /** 'best', 'none', or a layer's name */
  encoder: string
  selectBy: SelectBy
  /** that set the split and the mapping; absent without one */
  protocol?: Protocol
  /** absent: the fit works on Gram matrices */
  reduction?: ReductionPlan
  layerFrom?: string
  permutations?: PermutationPlan
  /** what computes the networks; absent: onnxruntime */
  engine?: 'tfjs'
}

export type FitStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

export interface FitProgress {
  stage: string
  done: number
  total: number
  etaSeconds: number | null
}

export interface FitError {
  code: ProblemCode
  detail: string
  errors: ProblemDetail[]
}
