import type { NamedNetwork, ResolvedFit } from '../domain/fit.ts'

/** A network of a fit, the layers that are read from it, and the name that these carry. */
export type FitNetwork = Omit<NamedNetwork, 'name'> & {
  /** null: the fit's own backbone, whose layers keep their names */
  name: string | null
}

/** The networks of a fit: its own backbone, then those alongside. */
export const networksOf = ({ backbone, weights, seed, layers, pooling, alongside = [] }: ResolvedFit): FitNetwork[] => [
  { name: null, backbone, weights, seed, layers, pooling },
  ...alongside,
]

/** A layer as the fit names it: `features.5`, or `NETWORK:features.5` of a network alongside. */
export const layerName = ({ name }: Pick<FitNetwork, 'name'>, layer: string): string => (name === null ? layer : `${name}:${layer}`)

/** Every layer of a fit under its name, with its network, in the order of the results. */
export const namedLayers = (networks: readonly FitNetwork[]): { name: string; layer: string; network: FitNetwork }[] =>
  networks.flatMap((network) => network.layers.map((layer) => ({ name: layerName(network, layer), layer, network })))

/** The name of the network that a layer belongs to, by the layer's name; null for the fit's own. */
export const networkOfLayer = (networks: readonly FitNetwork[]): ((name: string) => string | null) => {
  const names = new Map(namedLayers(networks).map(({ name, network }) => [name, network.name]))
  return (name) => names.get(name) ?? null
}
