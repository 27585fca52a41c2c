import type { DatasetManifest, ResponseUnit } from '../domain/dataset.ts'
import type { SplitRequest } from '../domain/fit.ts'
import type { LeakageEntry } from '../domain/fit-scores.ts'
import { LEAST_OF_SESSION } from '../encoding/normalise.ts'
import type { Normalisation } from '../encoding/normalise.ts'
import { tooFew } from '../encoding/splits/split.ts'
import type { Split } from '../encoding/splits/split.ts'
import { uniqueByAppearance } from '../encoding/splits/unique.ts'

/** How a dataset's responses are normalised, each stimulus with its session; null when they are taken as they are. */
export const normalisationOf = ({ normalise, stimuli }: Pick<DatasetManifest, 'normalise' | 'stimuli'>): Normalisation | null => {
  if (normalise == null) return null
  const { method, sessionColumn } = normalise
  return { method, sessions: sessionColumn === null ? new Int32Array(stimuli.length) : Int32Array.from(uniqueByAppearance(stimuli.map(({ metadata }) => metadata[sessionColumn])).inverse) }
}

/** The unit of what a fit predicts and scores. */
export const unitOf = ({ unit, normalise }: DatasetManifest): ResponseUnit => (normalise == null ? unit : normalise.method === 'zscore' ? 'zscore' : 'baselineSubtracted')

/** Outer splits, and the request that made them. */
interface Splits {
  request: SplitRequest
  splits: readonly Split[]
}

/** Whether every session that a fold tests has training rows to be normalised by. */
export const canNormalise = (normalisation: Normalisation | null, { splits }: Pick<Splits, 'splits'>): boolean =>
  normalisation === null ||
  splits.every(({ train, test }) => {
    const trained = new Map<number, number>()
    for (const row of train) trained.set(normalisation.sessions[row], (trained.get(normalisation.sessions[row]) ?? 0) + 1)
    return test.every((row) => (trained.get(normalisation.sessions[row]) ?? 0) >= LEAST_OF_SESSION)
  })

/** Throws `too-few-stimuli` where a fold holds out a session whole: its responses have nothing to be normalised by. */
export const checkNormalisation = ({ normalise }: DatasetManifest, normalisation: Normalisation | null, division: Splits, pointer: string): void => {
  if (canNormalise(normalisation, division)) return
  const sessions = normalise?.sessionColumn == null ? 'the recording' : `sessions (${normalise.sessionColumn})`
  throw tooFew(
    `The responses are normalised per session by the training rows, and a fold of the split ${division.request.scheme} tests ${sessions} with fewer than ${LEAST_OF_SESSION} of these. Choose a split that divides every session, or import the data without "normalise".`,
    pointer,
    `at least ${LEAST_OF_SESSION} training stimuli of every session that is tested`,
    'fewer',
  )
}

/** What was normalised by which rows. */
export const normalisationLeakage = (normalisation: Normalisation | null): LeakageEntry[] =>
  normalisation === null
    ? []
    : [
        {
          what: `normalisation of the responses (${normalisation.method}, per site and session)`,
          rows: 'training rows of each outer fold; inner folds keep these statistics, so that their held-out rows have a part in them; the encoder: all stimuli',
          severity: 'none',
        },
        { what: 'normalisation of the trials that reliability is of', rows: 'all stimuli', severity: 'note' },
      ]
