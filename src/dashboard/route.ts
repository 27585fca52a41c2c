/** What the address after `#` means. The part before it is the API's, so the views live behind it. */
export type Route =
  | { view: 'fits' }
  | { view: 'fit'; id: string; split: string | null }
  | { view: 'datasets'; id: string | null }
  | { view: 'predict'; encoder: string | null }
  | { view: 'unknown' }

/** Null where the text is no encoded text. */
const decode = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

export const parseRoute = (hash: string): Route => {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [view, id, ...rest] = path.split('/').map(decode)
  if (rest.length > 0 || id === null) return { view: 'unknown' }
  if (view === '' && id === undefined) return { view: 'fits' }
  if (view === 'fits') return id ? { view: 'fit', id, split: new URLSearchParams(query).get('split') } : { view: 'fits' }
  if (view === 'datasets') return { view, id: id || null }
  if (view === 'predict') return { view, encoder: id || null }
  return { view: 'unknown' }
}

export const hrefTo = {
  fits: (): string => '#/fits',
  fit: (id: string, split: string | null = null): string => `#/fits/${encodeURIComponent(id)}${split === null ? '' : `?split=${encodeURIComponent(split)}`}`,
  datasets: (id: string | null = null): string => (id === null ? '#/datasets' : `#/datasets/${encodeURIComponent(id)}`),
  predict: (encoder: string | null = null): string => (encoder === null ? '#/predict' : `#/predict/${encodeURIComponent(encoder)}`),
}
