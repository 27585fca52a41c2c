import type { BestLayer, Ceiled, LayerScores } from '../../domain/fit-scores.ts'
import type { LayerFigure, LayerPoint } from '../figures/layer-figure.ts'
import { markOf } from '../figures/layer-figure.ts'
import { count, interval, percent, score } from '../format.ts'
import { ScrollTable } from '../parts/scroll-table.tsx'

const Scored = ({ value, bounds }: { value: number | null; bounds: [number, number] | null }) => (
  <td class="number">
    {score(value)}
    {bounds && <div class="muted">{interval(bounds)}</div>}
  </td>
)

const CeiledCell = ({ ceiled: { median, sitesExcluded } }: { ceiled: Ceiled }) => (
  <td class="number" title={sitesExcluded > 0 ? `${sitesExcluded} sites without a usable ceiling are left out` : undefined}>
    {score(median)}
  </td>
)

const badgesOf = (layer: string, best: BestLayer | null): string[] => [...(best?.layer === layer ? [best.from === undefined ? 'nested choice' : 'taken'] : []), ...(best?.plainMax.layer === layer ? ['plain maximum'] : [])]

const Row = ({ scores, randoms, badges, pointed }: { scores: LayerScores; randoms: LayerPoint['random'][] | null; badges: string[]; pointed: boolean }) => {
  const { layer, units, rank, ceiled, alphasAtEdge } = scores
  const [ev, r] = [markOf('explainedVariance', scores), markOf('correlation', scores)]
  return (
    <tr class={pointed ? 'pointed' : undefined}>
      <th scope="row">
        {layer}
        {badges.length > 0 && <div class="muted">{badges.join(', ')}</div>}
      </th>
      <Scored value={ev.value} bounds={ev.interval} />
      <Scored value={r.value} bounds={r.interval} />
      <CeiledCell ceiled={ceiled.evOverCeiling} />
      <CeiledCell ceiled={ceiled.rOverSqrtCeiling} />
      {randoms?.map((random, i) => <Scored key={i} value={random?.mean ?? null} bounds={random?.range ?? null} />)}
      <td class="number">
        {count(units)}
        <div class="muted">rank {count(rank)}</div>
      </td>
      <td class="number">{percent(alphasAtEdge)}</td>
      <td class="number">{scores.correlation.sitesExcluded}</td>
    </tr>
  )
}

interface LayerTableProps {
  layers: LayerScores[]
  /** of EV and of r, in this order */
  figures: LayerFigure[]
  best: BestLayer | null
  split: string
  pixels: LayerScores | undefined
  pointed: number | null
}

/** The numbers of the figures, and what stands behind them. */
export const LayerTable = ({ layers, figures, best, split, pixels, pointed }: LayerTableProps) => {
  const hasRandom = figures.some(({ points }) => points.some(({ random }) => random !== null))
  return (
    <ScrollTable label={`Scores per layer, ${split}`} class="layers">
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col" class="number">EV, mean <span class="muted">95 % interval</span></th>
          <th scope="col" class="number">r, median <span class="muted">95 % interval</span></th>
          <th scope="col" class="number">EV/ρ <span class="muted">median</span></th>
          <th scope="col" class="number">r/√ρ <span class="muted">median</span></th>
          {hasRandom && <th scope="col" class="number">EV, random <span class="muted">range of seeds</span></th>}
          {hasRandom && <th scope="col" class="number">r, random <span class="muted">range of seeds</span></th>}
          <th scope="col" class="number">Units</th>
          <th scope="col" class="number">α at an end</th>
          <th scope="col" class="number">Sites left out</th>
        </tr>
      </thead>
      <tbody>
        {layers.map((scores, i) => (
          <Row key={scores.layer} scores={scores} randoms={hasRandom ? figures.map(({ points }) => points[i].random) : null} badges={badgesOf(scores.layer, best)} pointed={i === pointed} />
        ))}
        {pixels && <Row scores={{ ...pixels, layer: 'pixels (control)' }} randoms={hasRandom ? [null, null] : null} badges={[]} pointed={false} />}
      </tbody>
    </ScrollTable>
  )
}
