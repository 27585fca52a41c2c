/** A share of images, with Wilson's 95 % interval over images. */
export interface Accuracy {
  value: number
  interval: [number, number]
  correct: number
  images: number
}

export interface ClassAccuracy {
  /** the class as the images' folders or table name it */
  label: string
  /** of a network's own class, in words, where it has one */
  name?: string
  images: number
  top1: number
  top5: number | null
}

export interface Accuracies {
  images: number
  classes: number
  top1: Accuracy
  /** null where there are no more than 5 classes: every answer is right then */
  top5: Accuracy | null
  top5Reason: string | null
  perClass?: ClassAccuracy[]
}

/** An image that could not be read, and why; it counts in no accuracy. */
export interface RefusedImage {
  image: string
  detail: string
}

/** How images became the network's input: squashed to its whole input, or the middle of the resized image. */
export type ClassificationPreprocessing = { kind: 'squash'; side: number; filter: 'bilinear' } | { kind: 'crop'; resize: number; crop: number; filter: 'bilinear' | 'bicubic'; from: string }

/** A candidate for the inverse penalty C. */
export interface PenaltyScore {
  C: number
  top1: number
  top5: number | null
  /** mean log loss of the held-out images */
  logLoss: number
  iterations: number
  converged: boolean
}

/** Accuracy over many random heads: their mean with its 95 % interval, and the extremes. */
export interface ChanceAccuracy {
  mean: number
  interval: [number, number]
  lowest: number
  highest: number
}

/** The control: heads as they are before any training. One alone is no control, since classes that lie together share its luck. */
export interface UntrainedHeads {
  heads: number
  seed: number
  chance: { top1: number; top5: number | null }
  top1: ChanceAccuracy
  top5: ChanceAccuracy | null
}

/** A linear head that was trained on a layer's activations. */
export interface TrainedHead {
  kind: 'trained'
  layer: string
  units: number
  C: number
  path: PenaltyScore[]
  /** images: of the training set, those that C was chosen by, and the others; the head is then fitted to all of them */
  heldOut: number
  fitted: number
  train: number
  test: number
  division: string
  objective: number
  iterations: number
  converged: boolean
  untrained: UntrainedHeads
}

/** The network's own classes. */
export interface OwnHead {
  kind: 'own'
  layer: string
  /** accuracy that was published for these weights, where that is known */
  published: { top1: number; source: string; version: string } | null
}

export interface ClassificationReport {
  input: string
  layout: string
  backbone: string
  weights: string
  preprocessing: ClassificationPreprocessing
  head: OwnHead | TrainedHead
  accuracies: Accuracies
  refused: RefusedImage[]
  warnings: string[]
}

export interface ClassificationRequest {
  /** a folder or zip of images in class folders, or a folder of CIFAR's binary files */
  input: string
  /** CSV with the images' classes; absent: the folders are the classes */
  labels?: string
  backbone: string
  weights?: string
  /** of random weights, divisions and untrained heads */
  seed?: number
  /** default: `trained` for CIFAR, `own` otherwise */
  head?: 'own' | 'trained'
  /** whose activations a trained head reads; default: what the network's last linear layer reads */
  layer?: string
  /** pixels of the shorter side before the crop; default: what is published with the weights */
  resize?: number
  filter?: 'bilinear' | 'bicubic'
  /** share of the training images that C is chosen by; default 0.2 */
  heldOut?: number
  /** share of the images that test a trained head where no division is given; default 0.2 */
  test?: number
  /** the accuracy of each class too */
  perClass?: boolean
}
