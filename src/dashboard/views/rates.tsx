import { useMemo, useState } from 'preact/hooks'
import type { SiteScore } from '../../domain/fit-scores.ts'
import type { Prediction } from '../api/types.ts'
import { Chart } from '../figures/chart.tsx'
import { drawRates } from '../figures/rate-drawing.ts'
import type { SiteRate } from '../figures/rate-drawing.ts'
import { rate, score } from '../format.ts'
import { Choice } from '../parts/choice.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'

const HEIGHT = 280

interface Row extends SiteRate {
  heldOut: SiteScore | undefined
}

type Order = 'site' | 'rate' | 'r'
const orders: { value: Order; text: string }[] = [
  { value: 'site', text: 'site' },
  { value: 'rate', text: 'rate' },
  { value: 'r', text: 'held-out r' },
]

const sorted = (rows: Row[], order: Order): Row[] => {
  if (order === 'site') return rows
  const by = order === 'rate' ? (row: Row) => row.rate : (row: Row) => row.heldOut?.r ?? -Infinity
  return rows.toSorted((a, b) => by(b) - by(a))
}

const RateTable = ({ rows, unit }: { rows: Row[]; unit: string }) => (
  <ScrollTable label={`Predicted rates in ${unit}`} class="narrow">
    <thead>
      <tr>
        <th scope="col">Site</th>
        <th scope="col">Region</th>
        <th scope="col" class="number">Rate <span class="muted">{unit}</span></th>
        <th scope="col" class="number">r <span class="muted">held-out stimuli</span></th>
        <th scope="col" class="number">ρ <span class="muted">reliability</span></th>
      </tr>
    </thead>
    <tbody>
      {rows.map(({ id, region, rate: value, heldOut }) => (
        <tr key={id}>
          <th scope="row">{id}</th>
          <td>{region}</td>
          <td class="number">{rate(value)}</td>
          <td class="number">{score(heldOut?.r)}</td>
          <td class="number">{score(heldOut?.ceiling)}</td>
        </tr>
      ))}
    </tbody>
  </ScrollTable>
)

/** The rates of one image as a profile over sites, and as a table. */
export const Rates = ({ prediction: { sites, rates, unit }, scores }: { prediction: Prediction; scores: SiteScore[] | undefined }) => {
  const rows = useMemo(() => {
    const heldOut = new Map(scores?.map((site) => [site.id, site]))
    return sites.map(({ id, region }, j): Row => ({ id, region, rate: rates[0][j], heldOut: heldOut.get(id) }))
  }, [sites, rates, scores])
  const [order, setOrder] = useState<Order>('site')
  const [pointed, setPointed] = useState<number | null>(null)
  const draw = useMemo(() => drawRates(rows, unit), [rows, unit])
  const site = pointed === null ? undefined : rows[pointed]
  return (
    <section aria-labelledby="rates">
      <h2 id="rates">Rates</h2>
      <figure>
        <figcaption>
          <strong>Predicted rate of each site</strong> <span class="muted">sites in the order of the dataset, by region</span>
        </figcaption>
        <Chart draw={draw} height={HEIGHT} onPoint={setPointed} />
        <p class="readout" aria-hidden="true">
          {site ? `${site.id}, ${site.region}: ${rate(site.rate)} ${unit}` : '\u00a0'}
        </p>
      </figure>
      <Choice label="Order the table by" name="order" options={orders} chosen={order} onChoose={setOrder} />
      <RateTable rows={sorted(rows, order)} unit={unit} />
    </section>
  )
}
