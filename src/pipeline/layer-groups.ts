import { VentralError } from '../domain/errors.ts'

/** Bytes that one image's tapped activations may take in a group. */
const IMAGE_BYTES = 256e6

export interface LayerSize {
  layer: string
  /** units after pooling */
  units: number
  /** values of float64, whose digits are kept in every product */
  exact?: boolean
}

/**
 * Layers in groups, in order, so that a group's spill fits `spillBytes` and one image's activations stay within the bound
 * of a batch; the backbone runs once per group. A single layer that does not fit is refused with the advice to pool.
 */
export const groupLayers = (layers: LayerSize[], stimuli: number, spillBytes: number): LayerSize[][] => {
  const groups: LayerSize[][] = []
  let units = Infinity
  for (const layer of layers) {
    const bytes = 4 * layer.units * stimuli
    if (bytes > spillBytes)
      throw new VentralError(
        'does-not-fit',
        `${layer.layer} has ${layer.units} units: ${stimuli} stimuli need ${gigabytes(bytes)} of disk, and ${gigabytes(spillBytes)} may be used. Pool the layer ("pooling": {"grid": 4}) or raise VENTRAL_SPILL_GB.`,
        [{ pointer: '/layers', expected: `at most ${gigabytes(spillBytes)}`, found: gigabytes(bytes) }],
      )
    if (4 * stimuli * (units + layer.units) > spillBytes || 4 * (units + layer.units) > IMAGE_BYTES) {
      groups.push([])
      units = 0
    }
    groups.at(-1)!.push(layer)
    units += layer.units
  }
  return groups
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`
