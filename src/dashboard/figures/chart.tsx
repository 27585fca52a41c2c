import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { readPalette } from './palette.ts'
import type { Palette } from './palette.ts'

export interface Drawing {
  options: Omit<uPlot.Options, 'width' | 'height'>
  data: uPlot.AlignedData
}

/**
 * A canvas figure that follows its container's width and the theme. `draw` describes it; a new function draws it anew.
 * The canvas is hidden from screen readers, which get the data as a table beside it.
 */
export const Chart = ({ draw, height, onPoint }: { draw: (palette: Palette, width: number) => Drawing; height: number; onPoint?: (index: number | null) => void }) => {
  const host = useRef<HTMLDivElement>(null)
  const tell = useRef(onPoint)
  tell.current = onPoint
  useEffect(() => {
    const element = host.current!
    const theme = matchMedia('(prefers-color-scheme: dark)')
    let plot: uPlot | null = null
    let shown: number | null = null
    const point = (index: number | null): void => {
      if (index !== shown) tell.current?.((shown = index))
    }
    const paint = (): void => {
      plot?.destroy()
      const { options, data } = draw(readPalette(element), element.clientWidth)
      const hooks = { ...options.hooks, setCursor: [(it: uPlot) => point(it.cursor.left === undefined || it.cursor.left < 0 ? null : (it.cursor.idx ?? null))] }
      plot = new uPlot({ legend: { show: false }, cursor: { y: false, drag: { x: false, y: false }, points: { show: false } }, ...options, width: element.clientWidth, height, hooks }, data, element)
    }
    paint()
    const resize = new ResizeObserver(() => plot?.width !== element.clientWidth && paint())
    resize.observe(element)
    theme.addEventListener('change', paint)
    return () => {
      resize.disconnect()
      theme.removeEventListener('change', paint)
      plot?.destroy()
    }
  }, [draw, height])
  return <div ref={host} class="canvas" aria-hidden="true" />
}
