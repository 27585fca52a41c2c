import type uPlot from 'uplot'
import type { Drawing } from './chart.tsx'
import { disc, level, withPen } from './marks.ts'
import { FIGURE_FONT } from './palette.ts'
import type { Palette } from './palette.ts'

export interface SiteRate {
  id: string
  region: string
  rate: number
}

/** Runs of sites of one region, as [first, end). */
export const regionRuns = (sites: { region: string }[]): { region: string; first: number; end: number }[] => {
  const runs: { region: string; first: number; end: number }[] = []
  for (const [i, { region }] of sites.entries()) {
    const last = runs.at(-1)
    if (last?.region === region) last.end = i + 1
    else runs.push({ region, first: i, end: i + 1 })
  }
  return runs
}

const rangeOf = (rates: number[]): [number, number] => {
  const [low, high] = rates.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [0, 0])
  const margin = (high - low || 1) * 0.06
  return [low < 0 ? low - margin : 0, high + margin]
}

/** The rates of one image over the sites in their order, stems from 0; regions are named below and parted by lines. */
export const drawRates = (sites: SiteRate[], unit: string) => (palette: Palette, width: number): Drawing => {
  const runs = regionRuns(sites)
  const dense = sites.length > (width - 60) / 5
  const stems = withPen((pen) => {
    const { ctx } = pen
    for (const { first } of runs.slice(1)) {
      ctx.fillStyle = palette.line
      ctx.fillRect(pen.x(first - 0.5), 0, pen.px(1), ctx.canvas.height)
    }
    level(pen, 0, palette.muted, [], 1)
    const base = pen.y(0)
    ctx.globalAlpha = dense ? 0.35 : 0.55
    ctx.fillStyle = palette.series
    for (const [i, { rate }] of sites.entries()) ctx.fillRect(pen.x(i) - pen.px(0.5), Math.min(base, pen.y(rate)), pen.px(1), Math.abs(base - pen.y(rate)))
    ctx.globalAlpha = 1
    for (const [i, { rate }] of sites.entries()) disc(pen, i, rate, palette.series, dense ? 1.5 : 2.5)
  })
  const axis: uPlot.Axis = { stroke: palette.ink, font: FIGURE_FONT, grid: { stroke: palette.line, width: 1 }, ticks: { show: false } }
  const centres = runs.map(({ first, end }) => (first + end - 1) / 2)
  return {
    options: {
      padding: [10, 12, 0, 0],
      scales: { x: { time: false, range: [-1, sites.length] }, y: { range: rangeOf(sites.map(({ rate }) => rate)) } },
      axes: [
        { ...axis, grid: { show: false }, size: 34, gap: 10, splits: centres, values: runs.map(({ region }) => region) },
        { ...axis, size: 54, space: 36, label: unit, labelFont: FIGURE_FONT, labelSize: 18, labelGap: 0 },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [stems] },
    },
    data: [sites.map((_, i) => i), sites.map(({ rate }) => rate)],
  }
}
