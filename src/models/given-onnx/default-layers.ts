import type { LayerInfo } from '../../domain/backbone.ts'

const MOST = 12
/** Fewer than so many sizes say little of a network: one of constant size, such as a transformer. */
const FEW = 4

const spread = <T>(items: readonly T[], count: number): T[] =>
  items.length <= count ? [...items] : Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))])

/** The size of the map that a layer has; vectors and maps of one place are one size. */
const sizeName = ({ shape }: Omit<LayerInfo, 'default'>): string => (shape.length === 3 && shape[1] * shape[2] > 1 ? `${shape[1]}x${shape[2]}` : shape.length === 2 ? `tokens ${shape.join('x')}` : 'vector')

const lastOfEachSize = (layers: readonly Omit<LayerInfo, 'default'>[]): Omit<LayerInfo, 'default'>[] => {
  const last = new Map<string, Omit<LayerInfo, 'default'>>()
  for (const layer of layers) last.set(sizeName(layer), layer)
  return layers.filter((layer) => last.get(sizeName(layer)) === layer)
}

/**
 * The layers that `"layers":"default"` means in a model that does not say: at each size of its maps the last value after a non-linearity,
 * the vector after the last average of whole maps with them. Where that gives few, the sums that end its blocks, or else any values, spread
 * evenly over its depth.
 */
export const defaultLayers = (layers: readonly Omit<LayerInfo, 'default'>[]): Set<string> => {
  const gates = new Set(['Sigmoid', 'HardSigmoid', 'Softmax'])
  const bent = layers.filter(({ kind, operator, shape }) => kind === 'relu' || (kind === 'activation' && !gates.has(operator!)) || (kind === 'pool' && sizeName({ shape } as LayerInfo) === 'vector'))
  const bySize = lastOfEachSize(bent)
  const sums = layers.filter(({ kind }) => kind === 'add')
  const chosen = [bySize, sums, bent].find((candidates) => candidates.length >= FEW) ?? layers
  return new Set(spread(chosen, MOST).map(({ name }) => name))
}
