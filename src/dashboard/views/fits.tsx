import type { DatasetSummary } from '../../domain/dataset.ts'
import type { Fit } from '../api/types.ts'
import { moment } from '../format.ts'
import { FitState } from '../parts/fit-state.tsx'
import { Simulated } from '../parts/notices.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'
import { hrefTo } from '../route.ts'

const weightsOf = ({ backbone, request: { weights, seed } }: Fit): string => (backbone === 'pixels' ? '' : weights === 'random' ? `random, seed ${seed}` : weights === undefined || weights === 'pretrained' ? 'pretrained' : `weights ${weights.replace('sha256:', '').slice(0, 8)}`)

const Row = ({ fit, dataset }: { fit: Fit; dataset: DatasetSummary | undefined }) => (
  <tr>
    <th scope="row">
      <a href={hrefTo.fit(fit.id)}>{fit.backbone}</a> <span class="muted">{weightsOf(fit)}</span>
    </th>
    <td>
      {dataset?.name ?? fit.dataset} {dataset?.simulated && <Simulated />}
    </td>
    <td>
      <FitState fit={fit} />
    </td>
    <td class="when">{moment(fit.createdAt)}</td>
  </tr>
)

/** All fits, newest first, with what those under way are doing. */
export const FitsView = ({ fits, datasets, more, onMore }: { fits: Fit[]; datasets: Map<string, DatasetSummary>; more: boolean; onMore: () => void }) => (
  <>
    <h1 tabIndex={-1}>Fits</h1>
    {fits.length === 0 ? (
      <p>
        There are no fits yet. <code>ventral fit --request FILE.json</code> or <a href="/docs">POST /fit</a> starts one.
      </p>
    ) : (
      <ScrollTable label="Fits, newest first">
        <thead>
          <tr>
            <th scope="col">Backbone</th>
            <th scope="col">Dataset</th>
            <th scope="col">Status</th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {fits.map((fit) => (
            <Row key={fit.id} fit={fit} dataset={datasets.get(fit.dataset)} />
          ))}
        </tbody>
      </ScrollTable>
    )}
    {more && (
      <button type="button" onClick={onMore}>
        Show older fits
      </button>
    )}
  </>
)
