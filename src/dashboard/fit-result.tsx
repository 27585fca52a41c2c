import { useMemo, useState } from 'preact/hooks'
import type { DatasetSummary } from '../domain/dataset.ts'
import type { FitScores } from '../domain/fit.ts'
import { getScores } from './api.ts'
import type { FitEntry } from './api.ts'
import { LayerChart } from './layer-chart.tsx'
import { layerFigure, splitChoices } from './layer-figure.ts'
import type { LayerFigure, Metric } from './layer-figure.ts'
import { usePolled } from './use-polled.ts'

const digits = (value: number | null): string => (value === null ? '–' : value.toFixed(3))

const LayerTable = ({ figure }: { figure: LayerFigure }) => (
  <table>
    <caption>
      {figure.title}, split {figure.split}
    </caption>
    <thead>
      <tr>
        <th>Layer</th>
        <th>Score</th>
        <th>95 % interval</th>
        <th>Random weights</th>
      </tr>
    </thead>
    <tbody>
      {figure.points.map(({ layer, value, interval, random }) => (
        <tr key={layer}>
          <td>{layer}</td>
          <td>{digits(value)}</td>
          <td>{interval === null ? '–' : interval.map(digits).join(' to ')}</td>
          <td>{digits(random)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

const Best = ({ scores: { bestLayer, ceiling } }: { scores: FitScores }) => (
  <p>
    {bestLayer && (
      <>
        Best layer <strong>{bestLayer.layer}</strong>: chosen on inner folds, EV {digits(bestLayer.nested.explainedVariance.mean)}, r {digits(bestLayer.nested.correlation.median)} on the
        outer ones. Plain maximum: {bestLayer.plainMax.layer}, {digits(bestLayer.plainMax.score)}.{' '}
      </>
    )}
    {ceiling ? `Ceiling: median reliability ${digits(ceiling.median)} (${ceiling.method}).` : 'No ceiling: the data have no repetitions.'}
  </p>
)

const Scores = ({ scores }: { scores: FitScores }) => {
  const choices = splitChoices(scores)
  const [choice, setChoice] = useState(0)
  const [metric, setMetric] = useState<Metric>('explainedVariance')
  const figure = useMemo(() => layerFigure(scores, choices[choice], metric), [scores, choice, metric])
  return (
    <>
      <p class="controls">
        <label>
          Split{' '}
          <select value={choice} onChange={(event) => setChoice(Number(event.currentTarget.value))}>
            {choices.map(({ name }, i) => (
              <option key={name} value={i}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Score{' '}
          <select value={metric} onChange={(event) => setMetric(event.currentTarget.value as Metric)}>
            <option value="explainedVariance">explained variance</option>
            <option value="correlation">correlation</option>
          </select>
        </label>
      </p>
      <LayerChart figure={figure} />
      <Best scores={scores} />
      <LayerTable figure={figure} />
      {scores.warnings.map((warning) => (
        <p key={warning}>Warning: {warning}</p>
      ))}
    </>
  )
}

/** A fit: how it stands, and its scores once it has succeeded. Simulated data are never shown without saying so. */
export const FitResult = ({ fit, dataset }: { fit: FitEntry; dataset: DatasetSummary | undefined }) => {
  const succeeded = fit.status === 'succeeded'
  const { value: scores, error } = usePolled(async () => (succeeded ? await getScores(fit.id) : null), () => false, 0, [fit.id, succeeded])
  return (
    <section aria-label="Fit">
      <h2>
        {fit.backbone} on {dataset?.name ?? fit.dataset}
      </h2>
      {dataset?.simulated && <p class="simulated">Simulated data: no finding about neurons.</p>}
      {!succeeded && <p>{fit.error ? `Failed: ${fit.error.detail}` : `This fit is ${fit.status}.`}</p>}
      {error && <p role="alert">{error.message}</p>}
      {scores && <Scores scores={scores} />}
    </section>
  )
}
