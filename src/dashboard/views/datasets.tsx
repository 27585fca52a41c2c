import type { DatasetSummary } from '../../domain/dataset.ts'
import { count, counted, moment, score } from '../format.ts'
import { Simulated } from '../parts/notices.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'
import { hrefTo } from '../route.ts'

const regionsOf = ({ regions }: DatasetSummary): string => Object.entries(regions).map(([region, sites]) => `${region} ${count(sites)}`).join(', ')

const repetitionsOf = ({ repetitions: { min, max } }: DatasetSummary): string => (min === max ? String(min) : `${min} to ${max}`)

const binsOf = ({ timeBins }: DatasetSummary): string => {
  if (timeBins === null || timeBins.length === 0) return 'not stated'
  const [first, last] = [timeBins[0], timeBins[timeBins.length - 1]]
  return `${timeBins.length > 1 ? `${timeBins.length} bins, ` : ''}${first.startMs} to ${last.endMs} ms`
}

const Warnings = ({ warnings }: DatasetSummary) =>
  warnings.length === 0 ? (
    <span class="muted">none</span>
  ) : (
    <details>
      <summary>{counted(warnings.length, 'warning')}</summary>
      <ul class="warnings">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </details>
  )

const Row = ({ dataset, chosen }: { dataset: DatasetSummary; chosen: boolean }) => (
  <tr aria-current={chosen ? 'true' : undefined}>
    <th scope="row">
      <a href={hrefTo.datasets(dataset.id)}>{dataset.name}</a> {dataset.simulated && <Simulated />}
      <div class="muted">{moment(dataset.createdAt)}</div>
    </th>
    <td class="number">
      {count(dataset.stimuli)}
      {!dataset.images && <div class="muted">without images</div>}
      {dataset.objects !== null && <div class="muted">{counted(dataset.objects, 'object')}</div>}
    </td>
    <td class="number">
      {count(dataset.sites)}
      <div class="muted">{regionsOf(dataset)}</div>
    </td>
    <td class="number">{repetitionsOf(dataset)}</td>
    <td>
      {dataset.unit}
      <div class="muted">{binsOf(dataset)}</div>
    </td>
    <td class="number">
      {dataset.ceiling?.median == null ? <span class="muted">no ceiling</span> : score(dataset.ceiling.median)}
      {dataset.ceiling?.median != null && <div class="muted">{dataset.ceiling.method}</div>}
    </td>
    <td>
      <Warnings {...dataset} />
    </td>
  </tr>
)

/** All datasets with counts, reliability and what their import warned of. */
export const DatasetsView = ({ datasets, chosen }: { datasets: DatasetSummary[]; chosen: string | null }) => (
  <>
    <h1 tabIndex={-1}>Datasets</h1>
    {datasets.length === 0 ? (
      <p>
        There are no datasets yet. <code>ventral dataset add</code> or <a href="/docs">POST /datasets</a> imports one.
      </p>
    ) : (
      <ScrollTable label="Datasets, newest first">
        <thead>
          <tr>
            <th scope="col">Dataset</th>
            <th scope="col" class="number">Stimuli</th>
            <th scope="col" class="number">Sites</th>
            <th scope="col" class="number">Repetitions</th>
            <th scope="col">Unit, time</th>
            <th scope="col" class="number">Ceiling, median ρ</th>
            <th scope="col">Warnings</th>
          </tr>
        </thead>
        <tbody>
          {datasets.map((dataset) => (
            <Row key={dataset.id} dataset={dataset} chosen={dataset.id === chosen} />
          ))}
        </tbody>
      </ScrollTable>
    )}
  </>
)
