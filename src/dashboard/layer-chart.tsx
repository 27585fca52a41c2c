import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { LayerFigure } from './layer-figure.ts'

const HEIGHT = 340
const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** Intervals as whiskers, drawn by hand: uPlot has lines and bands, and a band would pretend values between layers. */
const drawIntervals = (points: LayerFigure['points'], stroke: string) => (plot: uPlot) => {
  const { ctx } = plot
  const cap = 4 * devicePixelRatio
  ctx.save()
  ctx.strokeStyle = stroke
  ctx.setLineDash([]) // the last series left its own
  ctx.lineWidth = devicePixelRatio * 1.5
  for (const [i, { interval }] of points.entries()) {
    if (interval === null) continue
    const x = plot.valToPos(i, 'x', true)
    const [low, high] = interval.map((value) => plot.valToPos(value, 'y', true))
    ctx.beginPath()
    ctx.moveTo(x, low)
    ctx.lineTo(x, high)
    for (const y of [low, high]) {
      ctx.moveTo(x - cap, y)
      ctx.lineTo(x + cap, y)
    }
    ctx.stroke()
  }
  ctx.restore()
}

const optionsOf = ({ points, ceiling, pixels }: LayerFigure, width: number): uPlot.Options => {
  const [ink, grid, main, second, third] = ['--ink', '--line', '--series', '--ceiling', '--control'].map(colour)
  const values = points.flatMap(({ value, interval, random }) => [value, random, ...(interval ?? [])]).concat(ceiling, pixels).filter((value) => value !== null)
  const range: uPlot.Range.MinMax = [Math.min(0, ...values), Math.max(0.1, ...values) * 1.05]
  const line = (label: string, stroke: string, dash: number[]): uPlot.Series => ({ label, stroke, dash, width: 1.5, points: { show: false } })
  return {
    width,
    height: HEIGHT,
    legend: { live: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.5, points.length - 0.5] }, y: { range } },
    axes: [
      { stroke: ink, grid: { show: false }, rotate: points.length > 6 ? -45 : 0, size: points.length > 6 ? 110 : 40, splits: points.map((_, i) => i), values: points.map(({ layer }) => layer) },
      { stroke: ink, grid: { stroke: grid, width: 1 }, values: (_, ticks) => ticks.map((tick) => tick.toFixed(2)) },
    ],
    series: ([
      {},
      { label: 'layer, 95 % interval', stroke: main, width: 2, points: { show: true, size: 9, fill: main } },
      { ...line('random weights', third, [2, 4]), points: { show: true, size: 5, fill: third }, show: points.some(({ random }) => random !== null) },
      { ...line('ceiling', second, [8, 4]), show: ceiling !== null },
      { ...line('pixels', third, [8, 4]), show: pixels !== null },
    ] satisfies uPlot.Series[] as uPlot.Series[]).filter((series) => series.show !== false),
    hooks: { draw: [drawIntervals(points, main)] },
  }
}

const dataOf = ({ points, ceiling, pixels }: LayerFigure): uPlot.AlignedData => {
  const level = (value: number): number[] => points.map(() => value)
  return [
    points.map((_, i) => i),
    points.map(({ value }) => value),
    ...(points.some(({ random }) => random !== null) ? [points.map(({ random }) => random)] : []),
    ...(ceiling === null ? [] : [level(ceiling)]),
    ...(pixels === null ? [] : [level(pixels)]),
  ]
}

/** The figure as a chart; the table beside it says the same to screen readers. */
export const LayerChart = ({ figure }: { figure: LayerFigure }) => {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = host.current!
    const plot = new uPlot(optionsOf(figure, element.clientWidth), dataOf(figure), element)
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }))
    resize.observe(element)
    return () => {
      resize.disconnect()
      plot.destroy()
    }
  }, [figure])
  return <div ref={host} class="chart" aria-hidden="true" />
}
