/**
 * What a person with a screen reader, a keyboard or weak sight would miss on the page as it stands; runs inside the
 * page, so it holds all it needs. Contrast by WCAG 2.2: 4.5:1 for text, 3:1 for large text.
 */
export const faultsOf = (): string[] => {
  const faults: string[] = []
  const all = <T extends Element = HTMLElement>(selector: string): T[] => [...document.querySelectorAll<T>(selector)]
  const named = (element: Element): string => `${element.tagName.toLowerCase()} “${(element.textContent ?? '').trim().slice(0, 40)}”`
  const check = (good: boolean, fault: string): void => {
    if (!good) faults.push(fault)
  }

  check(document.documentElement.lang !== '', 'the page states no language')
  check(all('main').length === 1, 'there is not one main')
  check(all('h1').length === 1, 'there is not one h1')
  all('h1, h2, h3, h4').reduce((before, heading) => {
    const level = Number(heading.tagName[1])
    check(level <= before + 1, `${named(heading)} skips a level`)
    return level
  }, 0)
  const ids = all('[id]').map(({ id }) => id)
  check(new Set(ids).size === ids.length, 'an id recurs')
  for (const element of all('[aria-labelledby]')) check(document.getElementById(element.getAttribute('aria-labelledby')!) !== null, `${named(element)} names nothing as its label`)

  for (const field of all<HTMLInputElement>('input, select')) check([...(field.labels ?? [])].some((label) => label.innerText.trim() !== ''), `${named(field)} has no label`)
  for (const element of all('a[href], button, summary')) check((element.innerText.trim() || element.ariaLabel || '') !== '', `${element.outerHTML.slice(0, 80)} has no name`)
  for (const image of all<HTMLImageElement>('img')) check(image.alt !== '', 'an image has no text')
  for (const drawing of all('svg, canvas')) check(drawing.closest('[aria-hidden=true], [role=img][aria-label]') !== null, 'a drawing has neither a text nor a table instead')
  for (const bar of all('progress')) check(bar.ariaLabel !== null, 'a progress bar has no name')
  for (const table of all<HTMLTableElement>('table')) {
    check(table.caption !== null, 'a table has no caption')
    for (const cell of table.querySelectorAll('th')) check(cell.scope !== '', `${named(cell)} heads neither row nor column`)
  }
  for (const box of all('*').filter((element) => element.scrollWidth > element.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)))
    check(box.tabIndex >= 0, `${named(box)} scrolls, but not by keyboard`)

  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
  const over = (colour: string, under: number[]): number[] => {
    canvas.globalCompositeOperation = 'source-over'
    canvas.fillStyle = `rgb(${under.join(' ')})`
    canvas.fillRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  }
  const luminance = (colour: number[]): number => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (element: Element | null): number[] => (element === null ? [255, 255, 255] : over(getComputedStyle(element).backgroundColor, ground(element.parentElement)))
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement!
    if (node.textContent!.trim() === '' || !element.checkVisibility()) continue
    const { color, fontSize, fontWeight } = getComputedStyle(element)
    const size = parseFloat(fontSize)
    const behind = ground(element)
    const [dark, light] = [luminance(over(color, behind)), luminance(behind)].sort((a, b) => a - b)
    const ratio = (light + 0.05) / (dark + 0.05)
    check(ratio >= (size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 3 : 4.5), `${named(element)} has a contrast of ${ratio.toFixed(2)}`)
  }
  // The colours of marks in figures: 3:1 against the page.
  const probe = document.body.appendChild(document.createElement('span'))
  for (const name of ['--series', '--random', '--pixels', '--ceiling']) {
    probe.style.color = `var(${name})`
    const behind = ground(document.body)
    const [dark, light] = [luminance(over(getComputedStyle(probe).color, behind)), luminance(behind)].sort((a, b) => a - b)
    check((light + 0.05) / (dark + 0.05) >= 3, `${name} has too little contrast`)
  }
  probe.remove()
  return faults
}
