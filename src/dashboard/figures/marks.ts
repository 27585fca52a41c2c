import type uPlot from 'uplot'

/** Draws on a plot in data coordinates; lengths are in CSS pixels. */
export interface Pen {
  x: (value: number) => number
  y: (value: number) => number
  px: (length: number) => number
  ctx: CanvasRenderingContext2D
  left: number
  right: number
}

/** A draw hook: clipped to the plot's area, with the canvas' state put back after it. */
export const withPen = (draw: (pen: Pen) => void) => (plot: uPlot): void => {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top - 1, bbox.width, bbox.height + 2)
  ctx.clip()
  ctx.setLineDash([])
  draw({
    x: (value) => plot.valToPos(value, 'x', true),
    y: (value) => plot.valToPos(value, 'y', true),
    px: (length) => length * devicePixelRatio,
    ctx,
    left: bbox.left,
    right: bbox.left + bbox.width,
  })
  ctx.restore()
}

const stroke = ({ ctx, px }: Pen, colour: string, width: number, dash: number[] = []): void => {
  ctx.strokeStyle = colour
  ctx.lineWidth = px(width)
  ctx.setLineDash(dash.map(px))
  ctx.stroke()
  ctx.setLineDash([])
}

/** A horizontal line over the whole width. */
export const level = (pen: Pen, value: number, colour: string, dash: number[] = [], width = 1.5): void => {
  const y = Math.round(pen.y(value)) + 0.5
  pen.ctx.beginPath()
  pen.ctx.moveTo(pen.left, y)
  pen.ctx.lineTo(pen.right, y)
  stroke(pen, colour, width, dash)
}

/** A horizontal band: an interval that holds for every x. */
export const band = (pen: Pen, [low, high]: readonly [number, number], colour: string): void => {
  pen.ctx.globalAlpha = 0.16
  pen.ctx.fillStyle = colour
  pen.ctx.fillRect(pen.left, pen.y(high), pen.right - pen.left, pen.y(low) - pen.y(high))
  pen.ctx.globalAlpha = 1
}

/** A line through the points, broken where a value is undefined. */
export const polyline = (pen: Pen, points: { x: number; value: number | null }[], colour: string, dash: number[] = [], width = 1.5): void => {
  pen.ctx.beginPath()
  let down = false
  for (const { x, value } of points) {
    if (value !== null) pen.ctx[down ? 'lineTo' : 'moveTo'](pen.x(x), pen.y(value))
    down = value !== null
  }
  stroke(pen, colour, width, dash)
}

/** An interval as a whisker with caps. */
export const whisker = (pen: Pen, x: number, [low, high]: readonly [number, number], colour: string, cap = 3.5, width = 1.5): void => {
  const { ctx } = pen
  const [at, reach] = [pen.x(x), pen.px(cap)]
  ctx.beginPath()
  ctx.moveTo(at, pen.y(low))
  ctx.lineTo(at, pen.y(high))
  for (const end of [low, high]) {
    ctx.moveTo(at - reach, pen.y(end))
    ctx.lineTo(at + reach, pen.y(end))
  }
  stroke(pen, colour, width)
}

export const disc = (pen: Pen, x: number, value: number, colour: string, radius = 4): void => {
  pen.ctx.beginPath()
  pen.ctx.arc(pen.x(x), pen.y(value), pen.px(radius), 0, 2 * Math.PI)
  pen.ctx.fillStyle = colour
  pen.ctx.fill()
}

export const ring = (pen: Pen, x: number, value: number, colour: string, radius = 8): void => {
  pen.ctx.beginPath()
  pen.ctx.arc(pen.x(x), pen.y(value), pen.px(radius), 0, 2 * Math.PI)
  stroke(pen, colour, 1.25)
}

/** A square with the background's colour inside: told from a disc without colour. */
export const openSquare = (pen: Pen, x: number, value: number, colour: string, fill: string, half = 3.5): void => {
  const side = pen.px(2 * half)
  pen.ctx.beginPath()
  pen.ctx.rect(pen.x(x) - side / 2, pen.y(value) - side / 2, side, side)
  pen.ctx.fillStyle = fill
  pen.ctx.fill()
  stroke(pen, colour, 1.5)
}
