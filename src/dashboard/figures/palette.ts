const names = ['ink', 'muted', 'line', 'paper', 'series', 'random', 'pixels', 'ceiling'] as const

/** The colours of figures as the style sheet has them in the present theme, for canvases. */
export type Palette = Record<(typeof names)[number], string>

/** Reads them off an element, whose style resolves what a custom property leaves open (`light-dark()`). */
export const readPalette = (host: HTMLElement): Palette => {
  const probe = document.createElement('span')
  host.append(probe)
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const palette = Object.fromEntries(names.map((name) => [name, read(name)])) as Palette
  probe.remove()
  return palette
}

export const FIGURE_FONT = '12px system-ui, sans-serif'
