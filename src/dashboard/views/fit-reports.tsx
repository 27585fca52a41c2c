import { useState } from 'preact/hooks'
import type { LeakageEntry } from '../../domain/fit-scores.ts'
import { getScoresCsv } from '../api/read.ts'
import type { Fit } from '../api/types.ts'
import { Facts } from '../parts/facts.tsx'
import { Trouble } from '../parts/notices.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'

export const Warnings = ({ warnings }: { warnings: string[] }) => (
  <section aria-labelledby="warnings">
    <h2 id="warnings">Warnings</h2>
    {warnings.length === 0 ? (
      <p class="muted">None.</p>
    ) : (
      <ul class="warnings">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    )}
  </section>
)

/** What was fitted on which rows, and every way in which test rows may have helped. */
export const LeakageReport = ({ entries }: { entries: LeakageEntry[] }) => (
  <section aria-labelledby="leakage">
    <h2 id="leakage">Leakage report</h2>
    <ScrollTable label="What was fitted or chosen on which rows">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Rows</th>
          <th scope="col">Severity</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ what, rows, severity }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{rows}</td>
            <td>
              <span class={`severity ${severity}`}>{severity}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  </section>
)

export const Provenance = ({ provenance }: { provenance: Record<string, unknown> }) => (
  <section aria-labelledby="provenance">
    <h2 id="provenance">Provenance</h2>
    <details>
      <summary>All that is needed to have these scores again</summary>
      <Facts of={provenance} />
    </details>
  </section>
)

const save = (blob: Blob, name: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** The scores of every layer and site as a file. Fetched, since a link could not send a key or ask for CSV. */
export const Downloads = ({ fit: { id, backbone } }: { fit: Fit }) => {
  const [error, setError] = useState<Error | null>(null)
  const onClick = (): void => void getScoresCsv(id).then((csv) => save(csv, `${backbone}-${id}.csv`), setError)
  return (
    <p>
      <button type="button" onClick={onClick}>
        Scores of all sites as CSV
      </button>
      <Trouble error={error} />
    </p>
  )
}
