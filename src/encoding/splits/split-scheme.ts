import type { Shuffled, SplitRequest } from '../../domain/fit.ts'

export type GroupedScheme = Extract<SplitRequest, { scheme: 'groupkfold' | 'groupshufflesplit' | 'leaveonegroupout' }>

/** Whether whole groups are held out, so that inner folds have to hold out whole groups too. */
export const isGrouped = (request: SplitRequest): request is GroupedScheme =>
  request.scheme === 'groupkfold' || request.scheme === 'groupshufflesplit' || request.scheme === 'leaveonegroupout'

/** A short name for a split in headlines and reports. */
export const splitName = (request: SplitRequest): string => {
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
