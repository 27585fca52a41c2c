/** What a request says in place of a layer's name. */
const taken = new Set(['all', 'best', 'default', 'none'])
const LONGEST = 100

/** PyTorch names a node by all the modules around it, each with the path of the one before: /layer1/layer1.0/conv1/Conv is layer1.0.conv1.Conv. */
const path = (name: string): string => {
  const parts = name.split('/').filter((part) => part !== '')
  return parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`)).join('.')
}

/** Layers become file names and keys (`NETWORK:layer`, `a,b`): letters, digits, "_", "-" and "." of ASCII, not beginning with a dot. */
const clean = (name: string): string => {
  const text = path(name).replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^\.+/, '').slice(0, LONGEST) || 'value'
  return taken.has(text) ? `${text}_` : text
}

/** A name for each, as like to it as it may be, no two alike (also not to a disk that takes capitals for small letters). */
export const layerNames = (names: readonly string[]): string[] => {
  const used = new Set<string>()
  const next = new Map<string, number>()
  return names.map((name) => {
    const base = clean(name)
    const key = base.toLowerCase()
    let k = next.get(key) ?? 1
    while (used.has(k === 1 ? key : `${key}-${k}`)) k++
    next.set(key, k + 1)
    used.add(k === 1 ? key : `${key}-${k}`)
    return k === 1 ? base : `${base}-${k}`
  })
}
