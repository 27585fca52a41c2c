import type { FitProgress } from '../../domain/fit.ts'
import type { Fit } from '../api/types.ts'
import { duration } from '../format.ts'

/** Stage, bar and the time the stage has left. */
const Progress = ({ progress: { stage, done, total, etaSeconds } }: { progress: FitProgress }) => (
  <span class="progress">
    <span>{stage}</span>
    <progress aria-label={stage} max={total > 0 ? total : 1} value={total > 0 ? done : undefined} />
    <span class="muted">
      {total > 0 && `${Math.floor((100 * done) / total)} % of this stage`}
      {etaSeconds !== null && done < total && `, ${duration(etaSeconds)} left`}
    </span>
  </span>
)

/** How a fit stands. */
export const FitState = ({ fit: { status, progress } }: { fit: Fit }) => (
  <span class={`state ${status}`}>
    <span class="word">{status}</span>
    {status === 'running' && progress && <Progress progress={progress} />}
  </span>
)
