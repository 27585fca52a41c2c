import { useMemo } from 'preact/hooks'
import { Chart } from '../figures/chart.tsx'
import { KeyEntry } from '../figures/key.tsx'
import { drawLayers } from '../figures/layer-drawing.ts'
import type { LayerFigure, LayerPoint } from '../figures/layer-figure.ts'
import { interval, score } from '../format.ts'

const HEIGHT = 330

const said = ({ layer, value, interval: bounds, random }: LayerPoint): string =>
  `${layer}: ${score(value)}${bounds ? ` (${interval(bounds)})` : ''}${random ? `; random weights ${score(random.mean)} (${interval(random.range)})` : ''}`

const Key = ({ figure: { points, ceiling, pixels, best } }: { figure: LayerFigure }) => {
  const seeds = Math.max(0, ...points.map(({ random }) => random?.seeds ?? 0))
  return (
    <ul class="key">
      <KeyEntry of="series">95 % interval</KeyEntry>
      {points.some(({ layer, value }) => layer === best && value !== null) && <KeyEntry of="best">nested choice</KeyEntry>}
      {seeds > 0 && <KeyEntry of="random">random weights, mean and range of {seeds === 1 ? '1 seed' : `${seeds} seeds`}</KeyEntry>}
      {pixels && (
        <KeyEntry of="pixels">
          pixels {score(pixels.value)} ({interval(pixels.interval)})
        </KeyEntry>
      )}
      {ceiling && (
        <KeyEntry of="ceiling">
          ceiling, median {ceiling.label} {score(ceiling.value)}
        </KeyEntry>
      )}
    </ul>
  )
}

/** A metric by layer as a picture; the table of layers has its numbers. */
export const LayerChart = ({ figure, pointed, onPoint }: { figure: LayerFigure; pointed: number | null; onPoint: (index: number | null) => void }) => {
  const draw = useMemo(() => drawLayers(figure), [figure])
  const point = pointed === null ? undefined : figure.points[pointed]
  return (
    <figure>
      <figcaption>
        <strong>{figure.title}</strong> <span class="muted">{figure.split}</span>
      </figcaption>
      <Key figure={figure} />
      <Chart draw={draw} height={HEIGHT} onPoint={onPoint} />
      <p class="readout" aria-hidden="true">
        {point ? said(point) : '\u00a0'}
      </p>
    </figure>
  )
}
