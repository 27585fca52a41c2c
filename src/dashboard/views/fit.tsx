import type { DatasetSummary } from '../../domain/dataset.ts'
import { getScores } from '../api/read.ts'
import { isLive } from '../api/types.ts'
import type { Fit } from '../api/types.ts'
import { bytes, duration, moment } from '../format.ts'
import { FitState } from '../parts/fit-state.tsx'
import { Notice, Simulated, Trouble, Waiting } from '../parts/notices.tsx'
import { hrefTo } from '../route.ts'
import { useLoaded } from '../state/use-loaded.ts'
import { FitScoresView } from './fit-scores.tsx'

const secondsOf = ({ startedAt, finishedAt }: Fit): number | null => (startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null)

const History = ({ fit }: { fit: Fit }) => {
  const seconds = secondsOf(fit)
  const parts = [`created ${moment(fit.createdAt)}`, ...(seconds === null ? [] : [`took ${duration(seconds)}`]), ...(fit.peakRssBytes === null ? [] : [`peak memory ${bytes(fit.peakRssBytes)}`])]
  return <span class="muted">{parts.join(' · ')}</span>
}

const Failure = ({ error }: { error: NonNullable<Fit['error']> }) => (
  <div class="notice trouble">
    <p>{error.detail}</p>
    {error.errors.length > 0 && (
      <ul>
        {error.errors.map(({ pointer, expected, found }) => (
          <li key={pointer}>
            <code>{pointer}</code>: expected {expected}, found {found}
          </li>
        ))}
      </ul>
    )}
  </div>
)

/** A fit: how it stands, and its scores once it has succeeded. */
export const FitView = ({ fit, dataset, split }: { fit: Fit; dataset: DatasetSummary | undefined; split: string | null }) => {
  const succeeded = fit.status === 'succeeded'
  const { value: scores, error } = useLoaded(succeeded ? fit.id : null, getScores)
  return (
    <>
      <h1 tabIndex={-1}>
        {fit.backbone} <span class="light">on</span> {dataset?.name ?? fit.dataset}
      </h1>
      <p class="under-title">
        <FitState fit={fit} /> {dataset?.simulated && <Simulated />} <History fit={fit} />
        <a href={hrefTo.datasets(fit.dataset)}>dataset</a>
        {fit.encoder && <a href={hrefTo.predict(fit.encoder)}>predict with its encoder</a>}
      </p>
      {dataset?.simulated && <Notice>Simulated data: no score here is a finding about neurons.</Notice>}
      {fit.error && <Failure error={fit.error} />}
      {isLive(fit) && <p>The scores appear here when the fit has ended.</p>}
      <Trouble error={error} />
      {succeeded && scores === null && error === null && <Waiting what="scores" />}
      {scores && <FitScoresView fit={fit} scores={scores} split={split} />}
    </>
  )
}
