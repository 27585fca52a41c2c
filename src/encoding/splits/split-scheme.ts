interface Shuffled {
  splits: number
  seed: number
  trainSize?: number
  testSize?: number
}

/** Every way to divide the stimuli. `by` names the metadata column that a scheme groups or stratifies by, or that gives the split. */
export type SplitScheme =
  | { scheme: 'kfold'; folds: number; shuffle: boolean; seed: number }
  | { scheme: 'stratifiedkfold'; folds: number; shuffle: boolean; seed: number; by: string }
  | ({ scheme: 'shufflesplit' } & Shuffled)
  | ({ scheme: 'stratifiedshufflesplit'; by: string } & Shuffled)
  | { scheme: 'groupkfold'; folds: number; by: string }
  | ({ scheme: 'groupshufflesplit'; by: string } & Shuffled)
  | { scheme: 'leaveonegroupout'; by: string }
  | { scheme: 'given'; by: string }

export type GroupedScheme = Extract<SplitScheme, { scheme: 'groupkfold' | 'groupshufflesplit' | 'leaveonegroupout' }>

/** Whether whole groups are held out, so that inner folds have to hold out whole groups too. */
export const isGrouped = (request: SplitScheme): request is GroupedScheme =>
  request.scheme === 'groupkfold' || request.scheme === 'groupshufflesplit' || request.scheme === 'leaveonegroupout'

/** A short name for a split in headlines and reports. */
export const splitName = (request: SplitScheme): string => {
  switch (request.scheme) {
    case 'kfold':
      return `KFold(${request.folds}${shuffled(request)})`
    case 'stratifiedkfold':
      return `StratifiedKFold(${request.folds}${shuffled(request)}) by ${request.by}`
    case 'shufflesplit':
      return `ShuffleSplit(${parts(request)})`
    case 'stratifiedshufflesplit':
      return `StratifiedShuffleSplit(${parts(request)}) by ${request.by}`
    case 'groupkfold':
      return `GroupKFold(${request.folds}) by ${request.by}`
    case 'groupshufflesplit':
      return `GroupShuffleSplit(${parts(request)}) by ${request.by}`
    case 'leaveonegroupout':
      return `leave one ${request.by} out`
    case 'given':
      return `given by ${request.by}`
  }
}

const shuffled = ({ shuffle, seed }: { shuffle: boolean; seed: number }): string => (shuffle ? `, shuffled, seed ${seed}` : '')

const parts = ({ splits, seed, trainSize, testSize }: Shuffled): string =>
  [String(splits), ...(trainSize === undefined ? [] : [`train ${trainSize}`]), ...(testSize === undefined ? [] : [`test ${testSize}`]), `seed ${seed}`].join(', ')
