import type { DatasetSummary } from '../domain/dataset.ts'
import type { FitEntry } from './api.ts'

const stateOf = ({ status, progress }: FitEntry): string => {
  if (status !== 'running' || progress === null) return status
  const share = progress.total > 0 ? ` ${Math.round((100 * progress.done) / progress.total)} %` : ''
  return `${progress.stage}${share}`
}

export const FitList = ({ fits, datasets, chosen }: { fits: FitEntry[]; datasets: DatasetSummary[]; chosen: string | null }) => {
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]))
  if (fits.length === 0) return <p>There are no fits yet. POST /fit, or “ventral fit”, starts one.</p>
  return (
    <nav aria-label="Fits">
      <table>
        <caption>Fits</caption>
        <thead>
          <tr>
            <th>Backbone</th>
            <th>Dataset</th>
            <th>Status</th>
            <th>Created</th>
          </tr>
        </thead>
        <tbody>
          {fits.map((fit) => (
            <tr key={fit.id} aria-current={fit.id === chosen ? 'true' : undefined}>
              <td>
                <a href={`#/fits/${fit.id}`}>{fit.backbone}</a>
              </td>
              <td>
                {byId.get(fit.dataset)?.name ?? fit.dataset}
                {byId.get(fit.dataset)?.simulated && <span class="simulated"> simulated</span>}
              </td>
              <td>{stateOf(fit)}</td>
              <td>{new Date(fit.createdAt).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </nav>
  )
}
