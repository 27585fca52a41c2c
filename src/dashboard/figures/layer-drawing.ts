import type uPlot from 'uplot'
import type { Drawing } from './chart.tsx'
import type { LayerFigure } from './layer-figure.ts'
import { band, disc, level, openSquare, polyline, ring, whisker, withPen } from './marks.ts'
import { FIGURE_FONT } from './palette.ts'
import type { Palette } from './palette.ts'

// Beside each other, so that neither whisker covers the other.
const APART = 0.09

/** Longest label in CSS pixels, for the room that turned labels take. */
const widthOf = (labels: string[]): number => {
  const ctx = document.createElement('canvas').getContext('2d')!
  ctx.font = FIGURE_FONT
  return Math.max(0, ...labels.map((label) => ctx.measureText(label).width))
}

/** Layers in the order of the network from left to right; scores with intervals, controls, and the ceiling above them. */
export const drawLayers = (figure: LayerFigure) => (palette: Palette, width: number): Drawing => {
  const { points, ceiling, pixels, best, range } = figure
  const labels = points.map(({ layer }) => layer)
  const longest = widthOf(labels)
  const turned = longest + 12 > (width - 60) / points.length
  // Turned labels need a line's height each: with many layers only every n-th is named; all are in the table.
  const every = Math.max(1, Math.ceil((16 * points.length) / (width - 60)))
  const hasRandom = points.some(({ random }) => random !== null)
  const at = (i: number, side: -1 | 1): number => (hasRandom ? i + side * APART : i)

  const behind = withPen((pen) => {
    if (range[0] < 0) level(pen, 0, palette.muted, [], 1)
    if (pixels?.interval) band(pen, pixels.interval, palette.pixels)
    if (pixels?.value != null) level(pen, pixels.value, palette.pixels, [2, 3])
    if (ceiling) level(pen, ceiling.value, palette.ceiling, [9, 4])
  })
  const marks = withPen((pen) => {
    polyline(pen, points.map(({ random }, i) => ({ x: at(i, 1), value: random?.mean ?? null })), palette.random, [4, 3])
    polyline(pen, points.map(({ value }, i) => ({ x: at(i, -1), value })), palette.series)
    for (const [i, { value, interval, random, layer }] of points.entries()) {
      if (random) {
        whisker(pen, at(i, 1), random.range, palette.random)
        openSquare(pen, at(i, 1), random.mean, palette.random, palette.paper)
      }
      if (interval) whisker(pen, at(i, -1), interval, palette.series)
      if (value === null) continue
      disc(pen, at(i, -1), value, palette.series)
      if (layer === best) ring(pen, at(i, -1), value, palette.ink)
    }
  })

  const axis: uPlot.Axis = { stroke: palette.ink, font: FIGURE_FONT, grid: { stroke: palette.line, width: 1 }, ticks: { stroke: palette.line, width: 1, size: 4 } }
  return {
    options: {
      padding: [10, 12, 0, 0],
      scales: { x: { time: false, range: [-0.5, points.length - 0.5] }, y: { range } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          rotate: turned ? 45 : 0,
          size: turned ? Math.min(150, longest * 0.72 + 22) : 34,
          splits: points.map((_, i) => i),
          values: labels.map((label, i) => (i % every === 0 ? label : '')),
        },
        { ...axis, size: 46, space: 36, values: (_, ticks) => ticks.map((tick) => Number(tick.toFixed(3)).toString()) },
      ],
      // The series is there for the scales and the cursor; the hooks draw it.
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { drawAxes: [behind], draw: [marks] },
    },
    data: [points.map((_, i) => i), points.map(({ value }) => value)],
  }
}
